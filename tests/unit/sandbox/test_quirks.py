"""The quirks of a scenario, over both planes. Chunked uploads are in distribution/test_uploads.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecr_push.sandbox import quirks
from ecr_push.sandbox.manifest import OCI_INDEX, OCI_MANIFEST
from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.quirks import QUIRKS, check_manifest
from ecr_push.sandbox.scenario import parse_scenario
from tests.support.sandbox.api import Api
from tests.support.sandbox.content import ABSENT, add_blobs, descriptor, digest_of, image, index
from tests.support.sandbox.data_plane import DataPlane, document, error, refusal

FIRST = image(b"first")
DIGEST = digest_of(FIRST)
SIGNATURE = image(b"first", subject=descriptor(FIRST, OCI_MANIFEST), artifactType="application/x.sig")
REFUSED = (
    405,
    "UNSUPPORTED",
    "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'",
)


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[DataPlane]:
    plane = DataPlane(tmp_path)
    add_blobs(plane.state, "app", b"first")
    plane.put_manifest("1.0", FIRST)
    yield plane
    plane.state.close()


def play(plane: DataPlane, *names: str) -> None:
    plane.faults.play(parse_scenario(json.dumps({"quirks": names})))


def listed(**platform: object) -> bytes:
    """An index of one image with this platform."""
    entry = descriptor(FIRST, OCI_MANIFEST, platform=platform)
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}).encode()


def test_without_quirks_everything_is_taken(plane: DataPlane) -> None:
    for content in (SIGNATURE, listed(features=["sse4"]), index(FIRST)):
        assert plane.put_manifest(digest_of(content), content).status_code == 201
    assert len(document(plane.send("GET", f"referrers/{DIGEST}"))["manifests"]) == 1


def test_no_referrers(plane: DataPlane) -> None:
    play(plane, "no-referrers")
    assert plane.put_manifest(digest_of(SIGNATURE), SIGNATURE).headers["OCI-Subject"] == DIGEST
    assert refusal(plane.send("GET", f"referrers/{DIGEST}")) == (405, "UNSUPPORTED")


def test_no_subjects(plane: DataPlane) -> None:
    play(plane, "no-subjects")
    assert error(plane.put_manifest(digest_of(SIGNATURE), SIGNATURE)) == REFUSED
    assert document(plane.send("GET", f"referrers/{DIGEST}"))["manifests"] == []
    assert plane.put_manifest("2.0", FIRST).status_code == 201


@pytest.mark.parametrize(
    ("content", "taken"),
    [
        (listed(os="linux", architecture="amd64", features=["sse4"]), False),
        (listed(os="linux", architecture="amd64", **{"os.features": ["win32k"]}), True),
        (image(b"first", artifactType="application/vnd.dev.sigstore.bundle+json;version=0.2"), False),
        (image(b"first", artifactType="application/vnd.dev.sigstore.bundle.v0.3+json"), True),
        (image(b"first", annotations={"mediaType": "a;b", "platform": "c;d"}), True),
        (b'{"manifests": [{"platform": "linux"}]}', True),  # what is wrong with it is another matter
        (b"{", True),
        (b"[[]]", True),
    ],
)
def test_strict_manifests(content: bytes, taken: bool) -> None:
    if taken:
        check_manifest(content, QUIRKS)
    else:
        with pytest.raises(EcrError, match="Invalid JSON syntax"):
            check_manifest(content, QUIRKS)
        check_manifest(content, ["no-mounts"])


def test_the_api_refuses_as_the_registry_does(app: Api) -> None:
    app.faults.play(parse_scenario("quirks: [no-subjects]"))
    subject = {"mediaType": OCI_MANIFEST, "digest": ABSENT, "size": 2}
    manifest = app.manifest("team/app", "one", subject=subject)
    code, message = app.refused("PutImage", repositoryName="team/app", imageManifest=manifest)
    assert (code, message) == ("InvalidParameterException", REFUSED[2])


def test_no_digest_header(plane: DataPlane, tmp_path: Path) -> None:
    """Of ECR Public alone, and of GET alone."""
    public = DataPlane(tmp_path / "public", "public")
    add_blobs(public.state, "app", b"first", kind="public")
    public.put_manifest("1.0", FIRST)
    for each in (plane, public):
        play(each, "no-digest-header")
    got = public.send("GET", "manifests/1.0")
    assert (got.get_data(), "Docker-Content-Digest" in got.headers) == (FIRST, False)
    assert public.send("HEAD", "manifests/1.0").headers["Docker-Content-Digest"] == DIGEST
    assert plane.send("GET", "manifests/1.0").headers["Docker-Content-Digest"] == DIGEST
    public.state.close()


def test_no_mounts_until_the_account_allows_them(app: Api) -> None:
    setting = {"name": "BLOB_MOUNTING"}
    assert app.call("GetAccountSetting", **setting)["value"] == "ENABLED"
    app.faults.play(parse_scenario("quirks: [no-mounts]"))
    assert app.call("GetAccountSetting", **setting)["value"] == "DISABLED"
    app.call("PutAccountSetting", **setting, value="ENABLED")
    assert app.call("GetAccountSetting", **setting)["value"] == "ENABLED"


@pytest.mark.parametrize(("allowed", "status"), [(None, 202), (False, 202), (True, 201)])
def test_a_mount_under_no_mounts_is_an_upload(plane: DataPlane, allowed: bool | None, status: int) -> None:
    plane.state.repositories.create("private", "other")
    plane.state.change_settings(blob_mounting=allowed)
    play(plane, "no-mounts")
    layer = digest_of(b"first")
    response = plane.send("POST", f"/v2/other/blobs/uploads/?mount={layer}&from=app")
    assert response.status_code == status


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("[no-referers]", "quirks[0] is 'no-referers': expected one of no-referrers"),
        ("[no-referers]", "did you mean 'no-referrers'?"),
        ("no-mounts", "quirks is 'no-mounts': expected a list"),
    ],
)
def test_an_unknown_quirk(value: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_scenario(f"quirks: {value}")
    assert problem in str(caught.value)


def test_the_docstring_has_each_quirk() -> None:
    assert [name for name in QUIRKS if f"\n{name}: " not in (quirks.__doc__ or "")] == []
