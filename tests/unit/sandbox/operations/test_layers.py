"""Layers over the API."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from tests.support.sandbox.api import ACCOUNT, Api

APP = {"repositoryName": "team/app"}
CONTENT = b"a layer in two parts"
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
ABSENT = f"sha256:{'0' * 64}"


def part(upload_id: str, first: int, content: bytes, last: int | None = None) -> dict[str, Any]:
    return {
        **APP,
        "uploadId": upload_id,
        "partFirstByte": first,
        "partLastByte": first + len(content) - 1 if last is None else last,
        "layerPartBlob": base64.b64encode(content).decode(),
    }


@pytest.fixture
def upload(app: Api) -> str:
    answer = app.call("InitiateLayerUpload", **APP)
    assert answer["partSize"] == 10 * 1024 * 1024
    upload_id: str = answer["uploadId"]
    return upload_id


@pytest.mark.parametrize("service", ["ecr", "ecr-public"])
def test_a_layer_is_uploaded_in_parts(api: Api, service: str) -> None:
    api.call("CreateRepository", service, **APP)
    upload = api.call("InitiateLayerUpload", service, **APP)["uploadId"]
    answer = api.call("UploadLayerPart", service, **part(upload, 0, CONTENT[:7]))
    assert answer == {"registryId": ACCOUNT, **APP, "uploadId": upload, "lastByteReceived": 6}
    api.call("UploadLayerPart", service, **part(upload, 7, CONTENT[7:]))
    answer = api.call("CompleteLayerUpload", service, **APP, uploadId=upload, layerDigests=[DIGEST])
    assert answer["layerDigest"] == DIGEST
    answer = api.call("BatchCheckLayerAvailability", service, **APP, layerDigests=[DIGEST])
    assert answer["layers"][0]["layerSize"] == len(CONTENT)


def test_parts_follow_one_another(app: Api, upload: str) -> None:
    app.call("UploadLayerPart", **part(upload, 0, b"abc"))
    for wrong in (part(upload, 5, b"def"), part(upload, 0, b"abc"), part(upload, 3, b"def", last=9)):
        assert app.refused("UploadLayerPart", **wrong)[0] == "InvalidLayerPartException"


@pytest.mark.parametrize(
    ("content", "digest", "code"),
    [
        (b"", DIGEST, "EmptyUploadException"),
        (CONTENT, ABSENT, "InvalidLayerException"),
        (CONTENT, "sha512:" + "0" * 128, "InvalidLayerException"),
    ],
)
def test_an_upload_with_another_digest_is_refused(
    app: Api, upload: str, content: bytes, digest: str, code: str
) -> None:
    if content:
        app.call("UploadLayerPart", **part(upload, 0, content))
    assert app.refused("CompleteLayerUpload", **APP, uploadId=upload, layerDigests=[digest])[0] == code


def test_a_layer_that_is_there_is_not_uploaded_again(app: Api, upload: str) -> None:
    app.push_layer("team/app", CONTENT)
    app.call("UploadLayerPart", **part(upload, 0, CONTENT))
    code, _ = app.refused("CompleteLayerUpload", **APP, uploadId=upload, layerDigests=[DIGEST])
    assert code == "LayerAlreadyExistsException"


def test_an_upload_belongs_to_its_repository(app: Api, upload: str) -> None:
    app.call("CreateRepository", repositoryName="team/other")
    wrong = part(upload, 0, b"abc") | {"repositoryName": "team/other"}
    assert app.refused("UploadLayerPart", **wrong)[0] == "UploadNotFoundException"


def test_layers_are_available_in_their_own_repository_alone(app: Api) -> None:
    app.call("CreateRepository", repositoryName="team/other")
    app.push_layer("team/app", CONTENT)
    asked = {"layerDigests": [DIGEST, ABSENT, "sha256", ""]}
    answer = app.call("BatchCheckLayerAvailability", **APP, **asked)
    assert [it["layerAvailability"] for it in answer["layers"]] == ["AVAILABLE", "UNAVAILABLE"]
    assert [it["failureCode"] for it in answer["failures"]] == ["InvalidLayerDigest", "MissingLayerDigest"]
    answer = app.call("BatchCheckLayerAvailability", repositoryName="team/other", layerDigests=[DIGEST])
    assert answer["layers"] == [{"layerDigest": DIGEST, "layerAvailability": "UNAVAILABLE"}]


def test_a_layer_has_the_media_type_of_the_manifest_that_names_it(app: Api) -> None:
    digest = app.push("team/app", "1.0")
    layer = app.state.images.find("private", "team/app", digest=digest).config
    assert layer
    answer = app.call("BatchCheckLayerAvailability", **APP, layerDigests=[layer.digest])
    assert answer["layers"][0]["mediaType"] == "application/vnd.docker.container.image.v1+json"


def test_a_layer_can_be_downloaded_by_a_link(app: Api) -> None:
    app.push_layer("team/app", CONTENT)
    answer = app.call("GetDownloadUrlForLayer", **APP, layerDigest=DIGEST)
    assert answer["layerDigest"] == DIGEST
    assert answer["downloadUrl"].startswith("http://127.0.0.1:5000/")
    assert app.refused("GetDownloadUrlForLayer", **APP, layerDigest=ABSENT)[0] == "LayersNotFoundException"
