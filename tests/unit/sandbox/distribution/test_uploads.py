"""Blob uploads and downloads over `/v2/`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecr_push.sandbox import layers, store
from ecr_push.sandbox.scenario import parse_scenario
from tests.support.sandbox.content import ABSENT, add_blob, digest_of
from tests.support.sandbox.data_plane import HOST, DataPlane, refusal

CONTENT = b"0123456789" * 100
DIGEST = digest_of(CONTENT)


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[DataPlane]:
    plane = DataPlane(tmp_path)
    yield plane
    plane.state.close()


def start(plane: DataPlane) -> str:
    """The location of a new upload."""
    response = plane.send("POST", "blobs/uploads/")
    assert response.status_code == 202
    assert response.headers["Range"] == "0-0"
    location = response.headers["Location"]
    assert location == f"{HOST}/v2/app/blobs/uploads/{response.headers['Docker-Upload-UUID']}"
    return location


def assert_stored(plane: DataPlane) -> None:
    response = plane.send("GET", f"blobs/{DIGEST}")
    assert (response.status_code, response.get_data()) == (200, CONTENT)


def test_at_once(plane: DataPlane) -> None:
    response = plane.send("POST", f"blobs/uploads/?digest={DIGEST}", CONTENT)
    assert response.status_code == 201
    assert response.headers["Location"] == f"{HOST}/v2/app/blobs/{DIGEST}"
    assert response.headers["Docker-Content-Digest"] == DIGEST
    assert_stored(plane)


@pytest.mark.parametrize("ranges", [("0-399", "400-899", "900-999"), (None, None, None)])
def test_in_chunks(plane: DataPlane, ranges: tuple[str | None, ...]) -> None:
    location = start(plane)
    for span, (first, end) in zip(ranges, [(0, 400), (400, 900)], strict=False):
        headers = {"Content-Range": span} if span else {}
        response = plane.send("PATCH", location, CONTENT[first:end], headers)
        assert (response.status_code, response.headers["Range"]) == (202, f"0-{end - 1}")
        location = response.headers["Location"]
    assert plane.send("GET", location).status_code == 204
    headers = {"Content-Range": ranges[2]} if ranges[2] else {}
    assert plane.send("PUT", f"{location}?digest={DIGEST}", CONTENT[900:], headers).status_code == 201
    assert_stored(plane)
    assert refusal(plane.send("GET", location)) == (404, "BLOB_UPLOAD_UNKNOWN")


@pytest.mark.parametrize("span", ["500-599", "100-199", "x", "5"])
def test_a_chunk_out_of_order_is_refused_and_the_upload_goes_on(plane: DataPlane, span: str) -> None:
    location = start(plane)
    plane.send("PATCH", location, CONTENT[:400], {"Content-Range": "0-399"})
    response = plane.send("PATCH", location, b"x" * 100, {"Content-Range": span})
    assert refusal(response) == (416, "BLOB_UPLOAD_INVALID")
    assert plane.send("GET", location).headers["Range"] == "0-399"
    assert plane.send("PUT", f"{location}?digest={DIGEST}", CONTENT[400:]).status_code == 201


def test_ecrs_own_chunks(plane: DataPlane) -> None:
    """aws/containers-roadmap#2831: 201, and nothing of what comes after the first chunk."""
    plane.faults.play(parse_scenario("quirks: [chunked-uploads]"))
    location = start(plane)
    for chunk in (CONTENT[:400], CONTENT[400:]):
        response = plane.send("PATCH", location, chunk)
        assert (response.status_code, response.headers["Range"]) == (201, "0-399")
    assert refusal(plane.send("PUT", f"{location}?digest={DIGEST}")) == (400, "DIGEST_INVALID")

    location = start(plane)  # one stream and an empty PUT, as docker does it, is fine
    plane.send("PATCH", location, CONTENT)
    assert plane.send("PUT", f"{location}?digest={DIGEST}").status_code == 201


@pytest.mark.parametrize("digest", [ABSENT, "sha256:short", "sha512:" + "0" * 128, ""])
def test_a_digest_that_is_not_the_contents(plane: DataPlane, digest: str) -> None:
    location = start(plane)
    response = plane.send("PUT", f"{location}?digest={digest}", CONTENT)
    assert refusal(response) == (400, "DIGEST_INVALID")
    assert plane.send("HEAD", f"blobs/{DIGEST}").status_code == 404


def test_a_layer_that_is_too_large_is_refused(
    plane: DataPlane, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(store, "MAX_LAYER_BYTES", 10)
    location = start(plane)
    assert plane.send("PATCH", location, b"123456").status_code == 202
    for body in (b"7890123", b"4"):
        answer = plane.send("PATCH", location, body)
        assert (answer.status_code, "more than 10 bytes" in answer.text) == (403, True)
    assert all(not file.stat().st_size for file in (tmp_path / "uploads").iterdir())


def test_uploads_that_are_never_ended_make_room(
    plane: DataPlane, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(layers, "MAX_UPLOADS", 3)
    locations = [start(plane) for _ in range(5)]
    found = [plane.send("GET", location).status_code for location in locations]
    assert found == [404, 404, 204, 204, 204]
    assert len(list((tmp_path / "uploads").iterdir())) == 3


def test_a_cancelled_upload_is_gone(plane: DataPlane) -> None:
    location = start(plane)
    assert plane.send("DELETE", location).status_code == 204
    assert refusal(plane.send("PATCH", location, CONTENT)) == (404, "BLOB_UPLOAD_UNKNOWN")


def test_an_upload_belongs_to_its_repository(plane: DataPlane) -> None:
    plane.state.repositories.create("private", "other")
    location = start(plane).replace("/app/", "/other/")
    assert refusal(plane.send("PATCH", location, CONTENT)) == (404, "BLOB_UPLOAD_UNKNOWN")


@pytest.mark.parametrize(
    ("query", "mounting", "status"),
    [
        (f"mount={DIGEST}&from=source", True, 201),
        (f"mount={DIGEST}&from=source", False, 202),
        (f"mount={DIGEST}&from=nowhere", True, 202),
        (f"mount={ABSENT}&from=source", True, 202),
        (f"mount={DIGEST}", True, 202),
    ],
)
def test_mounting(plane: DataPlane, query: str, mounting: bool, status: int) -> None:
    plane.state.repositories.create("private", "source")
    plane.state.change_settings(blob_mounting=mounting)
    add_blob(plane.state, "source", CONTENT)
    assert plane.send("HEAD", f"blobs/{DIGEST}").status_code == 404
    assert plane.send("POST", f"blobs/uploads/?{query}").status_code == status
    assert plane.send("HEAD", f"blobs/{DIGEST}").status_code == (200 if status == 201 else 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v2/none/blobs/uploads/"),
        ("GET", f"/v2/none/blobs/{DIGEST}"),
        ("GET", "/v2/none/manifests/latest"),
        ("PUT", "/v2/none/manifests/latest"),
        ("GET", "/v2/none/tags/list"),
        ("GET", f"/v2/none/referrers/{DIGEST}"),
    ],
)
def test_a_missing_repository_has_no_blobs(plane: DataPlane, method: str, path: str) -> None:
    assert refusal(plane.send(method, path)) == (404, "NAME_UNKNOWN")


@pytest.mark.parametrize(
    ("span", "status", "body", "content_range"),
    [
        ("bytes=0-9", 206, CONTENT[:10], "bytes 0-9/1000"),
        ("bytes=995-", 206, CONTENT[995:], "bytes 995-999/1000"),
        ("bytes=-3", 206, CONTENT[-3:], "bytes 997-999/1000"),
        ("bytes=2000-", 416, None, "bytes */1000"),
        (None, 200, CONTENT, None),
    ],
)
def test_a_blobs_ranges(
    plane: DataPlane, span: str | None, status: int, body: bytes | None, content_range: str | None
) -> None:
    plane.push_blob(CONTENT)
    response = plane.send("GET", f"blobs/{DIGEST}", headers={"Range": span} if span else {})
    assert response.status_code == status
    assert response.headers.get("Content-Range") == content_range
    if body is not None:
        assert response.get_data() == body
        assert response.headers["Docker-Content-Digest"] == DIGEST


def test_a_blobs_head_has_its_size_and_no_body(plane: DataPlane) -> None:
    plane.push_blob(CONTENT)
    response = plane.send("HEAD", f"blobs/{DIGEST}")
    assert (response.headers["Content-Length"], response.get_data()) == ("1000", b"")
    unchanged = plane.send("GET", f"blobs/{DIGEST}", headers={"If-None-Match": response.headers["ETag"]})
    assert (unchanged.status_code, unchanged.get_data()) == (304, b"")


def test_blobs_are_not_deleted_over_v2(plane: DataPlane) -> None:
    plane.push_blob(CONTENT)
    assert refusal(plane.send("DELETE", f"blobs/{DIGEST}")) == (405, "UNSUPPORTED")


def test_a_download_link_needs_no_credentials_and_expires(plane: DataPlane) -> None:
    plane.push_blob(CONTENT)
    repository = plane.state.repositories.get("private", "app")
    link = plane.state.download_url(repository, DIGEST)
    assert plane.anonymously("GET", link).get_data() == CONTENT
    assert plane.anonymously("GET", link, headers={"Range": "bytes=0-3"}).get_data() == b"0123"
    assert plane.anonymously("GET", link[:-1] + ("1" if link[-1] == "0" else "0")).status_code == 403
    assert plane.anonymously("GET", link.replace("expires=1", "expires=9")).status_code == 403
    assert plane.anonymously("GET", link.partition("?")[0]).status_code == 403
    plane.now += 3_601
    assert plane.anonymously("GET", link).status_code == 403
