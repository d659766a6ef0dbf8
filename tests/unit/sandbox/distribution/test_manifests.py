"""Manifests, tags and referrers over `/v2/`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecr_push.sandbox.manifest import OCI_INDEX, OCI_MANIFEST
from ecr_push.sandbox.model import Mutability
from tests.support.sandbox.content import ABSENT, CONFIG_TYPE, add_blobs, descriptor, digest_of, image, index
from tests.support.sandbox.data_plane import HOST, DataPlane, document, error, refusal

FIRST, SECOND = image(b"first"), image(b"second")
DIGEST = digest_of(FIRST)


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[DataPlane]:
    plane = DataPlane(tmp_path)
    add_blobs(plane.state, "app", b"first", b"second")
    yield plane
    plane.state.close()


@pytest.mark.parametrize("reference", ["1.0", DIGEST])
@pytest.mark.parametrize(
    "media_type", [OCI_MANIFEST, f"{OCI_MANIFEST}; charset=utf-8", "application/json", ""]
)
def test_a_manifest_is_returned_byte_for_byte(plane: DataPlane, reference: str, media_type: str) -> None:
    response = plane.put_manifest(reference, FIRST, media_type)
    assert response.status_code == 201
    assert response.headers["Docker-Content-Digest"] == DIGEST
    assert response.headers["Location"] == f"{HOST}/v2/app/manifests/{DIGEST}"
    for name in {reference, DIGEST}:
        got = plane.send("GET", f"manifests/{name}")
        assert got.get_data() == FIRST
        assert got.headers["Content-Type"] == OCI_MANIFEST
        assert got.headers["Docker-Content-Digest"] == DIGEST
        head = plane.send("HEAD", f"manifests/{name}")
        assert head.get_data() == b""
        assert head.headers["Content-Length"] == str(len(FIRST))
        assert head.headers["Docker-Content-Digest"] == DIGEST


def test_the_same_push_twice_is_a_success(plane: DataPlane) -> None:
    for reference in ("1.0", "1.0", DIGEST):
        assert plane.put_manifest(reference, FIRST).status_code == 201


@pytest.mark.parametrize("content", [FIRST, SECOND], ids=["identical", "another"])
@pytest.mark.parametrize(
    ("mutability", "reason"),
    [
        (Mutability("IMMUTABLE"), "the repository is immutable"),
        (Mutability("IMMUTABLE_WITH_EXCLUSION", ("latest",)), "the tag is immutable"),
        (Mutability("MUTABLE_WITH_EXCLUSION", ("1.*",)), "the tag is immutable"),
    ],
)
def test_an_immutable_tag_is_invalid_even_for_the_identical_image(
    plane: DataPlane, mutability: Mutability, reason: str, content: bytes
) -> None:
    plane.state.repositories.change("private", "app", mutability=mutability)
    assert plane.put_manifest("1.0", FIRST).status_code == 201
    status, code, message = error(plane.put_manifest("1.0", content))
    assert (status, code) == (400, "TAG_INVALID")
    assert reason in message
    assert plane.send("HEAD", "manifests/1.0").headers["Docker-Content-Digest"] == DIGEST
    assert plane.put_manifest(digest_of(content), content).status_code == 201


@pytest.mark.parametrize(
    ("reference", "content", "expected"),
    [
        (ABSENT, FIRST, (400, "DIGEST_INVALID")),
        ("sha256:short", FIRST, (400, "DIGEST_INVALID")),
        ("1.0", image(b"never pushed"), (400, "MANIFEST_BLOB_UNKNOWN")),
        ("1.0", index(FIRST), (400, "MANIFEST_BLOB_UNKNOWN")),
        ("1.0", b"{}", (405, "UNSUPPORTED")),
        ("1.0", FIRST + b" " * 4 * 1024 * 1024, (405, "UNSUPPORTED")),
        ("-1", FIRST, (400, "TAG_INVALID")),
        ("x" * 129, FIRST, (400, "TAG_INVALID")),
    ],
)
def test_manifests_that_are_refused(
    plane: DataPlane, reference: str, content: bytes, expected: tuple[int, str]
) -> None:
    assert refusal(plane.put_manifest(reference, content)) == expected


@pytest.mark.parametrize("reference", ["none", ABSENT])
def test_missing_content_is_not_found(plane: DataPlane, reference: str) -> None:
    for method in ("GET", "DELETE"):
        assert refusal(plane.send(method, f"manifests/{reference}")) == (404, "MANIFEST_UNKNOWN")
    assert plane.send("HEAD", f"manifests/{reference}").status_code == 404


def test_deleting_a_tag_then_the_last_one(plane: DataPlane) -> None:
    plane.put_manifest("1.0", FIRST)
    plane.put_manifest("latest", FIRST)
    assert plane.send("DELETE", "manifests/latest").status_code == 202
    assert plane.send("HEAD", f"manifests/{DIGEST}").status_code == 200
    assert plane.send("DELETE", "manifests/1.0").status_code == 202
    assert plane.send("HEAD", f"manifests/{DIGEST}").status_code == 404


def test_tags_come_in_pages(plane: DataPlane) -> None:
    for tag in ("c", "a", "b"):
        plane.put_manifest(tag, FIRST)
    assert document(plane.send("GET", "tags/list")) == {"name": "app", "tags": ["a", "b", "c"]}
    page = plane.send("GET", "tags/list?n=2")
    assert document(page)["tags"] == ["a", "b"]
    link, _, relation = page.headers["Link"].partition("; ")
    assert relation == 'rel="next"'
    last = plane.send("GET", link.strip("<>"))
    assert document(last)["tags"] == ["c"]
    assert "Link" not in last.headers
    assert refusal(plane.send("GET", "tags/list?n=1001")) == (405, "UNSUPPORTED")


def test_the_catalog_has_at_most_a_thousand_a_page(plane: DataPlane) -> None:
    """As google/go-containerregistry#1091 met it."""
    plane.state.repositories.create("private", "team/app")
    assert document(plane.send("GET", "/v2/_catalog?n=1000")) == {"repositories": ["app", "team/app"]}
    status, code, message = error(plane.send("GET", "/v2/_catalog?n=10000"))
    assert (status, code) == (405, "UNSUPPORTED")
    assert "less than or equal to 1000" in message


def test_referrers_are_an_index_that_can_be_filtered(plane: DataPlane) -> None:
    plane.put_manifest("1.0", FIRST)
    subject = descriptor(FIRST, OCI_MANIFEST)
    signature = image(b"first", subject=subject, artifactType="application/x.sig", annotations={"a": "b"})
    sbom = image(b"second", subject=subject)
    for content in (signature, sbom):
        assert plane.put_manifest(digest_of(content), content).headers["OCI-Subject"] == DIGEST
    everything = plane.send("GET", f"referrers/{DIGEST}")
    assert everything.headers["Content-Type"] == OCI_INDEX
    assert document(everything)["manifests"] == [
        descriptor(signature, OCI_MANIFEST, artifactType="application/x.sig", annotations={"a": "b"}),
        descriptor(sbom, OCI_MANIFEST, artifactType=CONFIG_TYPE),
    ]
    filtered = plane.send("GET", f"referrers/{DIGEST}?artifactType=application/x.sig")
    assert filtered.headers["OCI-Filters-Applied"] == "artifactType"
    assert [it["digest"] for it in document(filtered)["manifests"]] == [digest_of(signature)]
    assert document(plane.send("GET", f"referrers/{ABSENT}"))["manifests"] == []


def test_a_pull_is_recorded_a_look_is_not(plane: DataPlane) -> None:
    plane.put_manifest("1.0", FIRST)
    plane.send("HEAD", "manifests/1.0")
    assert plane.state.images.find("private", "app", tag="1.0").last_pulled_at == 0
    plane.send("GET", "manifests/1.0")
    assert plane.state.images.find("private", "app", tag="1.0").last_pulled_at == plane.now
