"""The upload of what is attached, also where an answer is lost, so that the SDK asks again."""

from __future__ import annotations

from typing import Any

import pytest

from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.attach import upload
from ecr_push.registry.aws.errors import AwsRefusedError
from tests.support.aws import StubAws, refused

BEGUN = {"uploadId": "11111111-1111-1111-1111-111111111111", "partSize": 10}
SENT: dict[str, Any] = {**BEGUN, "lastByteReceived": 1}
DONE = {"layerDigest": "sha256:" + "0" * 64}


def uploaded(**answers: Any) -> StubAws:
    aws = StubAws(
        {"InitiateLayerUpload": BEGUN, "UploadLayerPart": SENT, "CompleteLayerUpload": DONE, **answers}
    )
    upload(RepositoryApi(aws, "ecr", "team/app"), b"{}")
    return aws


def test_one_part_is_enough() -> None:
    assert uploaded().operations == ["InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"]


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("UploadLayerPart", "InvalidLayerPartException"),
        ("UploadLayerPart", "UploadNotFoundException"),
        ("CompleteLayerUpload", "UploadNotFoundException"),
    ],
)
def test_an_upload_that_has_gone_on_is_begun_again(operation: str, code: str) -> None:
    answer = {"UploadLayerPart": SENT, "CompleteLayerUpload": DONE}[operation]
    aws = uploaded(**{operation: [refused(code), answer]})
    assert aws.operations.count("InitiateLayerUpload") == 2


def test_a_blob_that_is_there_is_not_sent_again() -> None:
    there = refused("LayerAlreadyExistsException")
    assert uploaded(CompleteLayerUpload=there).operations.count("InitiateLayerUpload") == 1


def test_it_is_not_begun_for_ever() -> None:
    with pytest.raises(AwsRefusedError, match="UploadLayerPart"):
        uploaded(UploadLayerPart=refused("InvalidLayerPartException"))
