"""Reading an object in S3. The client is botocore's own; only the wire is stubbed."""

from __future__ import annotations

import io
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from ecr_push.base.errors import AuthenticationError, RegistryError
from ecr_push.registry.aws.s3 import put_new_object, read_object
from tests.support.aws import StubAws, refused


def fetched(answer: Any, url: str = "s3://acme/policies/a.yml", limit: int = 2048) -> bytes:
    if isinstance(answer, bytes):
        answer = {"Body": io.BytesIO(answer), "ContentLength": len(answer)}
    aws = StubAws({"GetObject": answer})
    content = read_object(aws, url, limit)
    [(operation, parameters)] = aws.log
    assert (operation, parameters["Bucket"], parameters["Key"]) == ("GetObject", "acme", "policies/a.yml")
    return content


def test_an_object_is_read_up_to_its_limit() -> None:
    assert fetched(b"x" * 2048) == b"x" * 2048
    with pytest.raises(ValueError, match="it is larger than 2 KiB"):
        fetched(b"x" * 2049)


def test_an_object_longer_than_s3_says_is_not_read_beyond_its_limit() -> None:
    with pytest.raises(ValueError, match="it is larger than 2 KiB"):
        fetched({"Body": io.BytesIO(b"x" * 4096), "ContentLength": 1})


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket"])
def test_an_object_that_does_not_exist_is_a_mistake_in_its_name(code: str) -> None:
    with pytest.raises(ValueError, match=f"it does not exist .{code}."):
        fetched(refused(code))


def test_an_object_that_may_not_be_read_or_reached_is_an_error_of_aws() -> None:
    with pytest.raises(AuthenticationError) as refusal:
        fetched(refused("AccessDenied"))
    assert "s3:GetObject" in refusal.value.what
    with pytest.raises(RegistryError, match="could not be reached for s3:GetObject"):
        fetched(EndpointConnectionError(endpoint_url="https://s3"))


@pytest.mark.parametrize("url", ["s3://", "s3://acme", "s3:///key"])
def test_a_url_without_an_object(url: str) -> None:
    with pytest.raises(ValueError, match="expected s3://BUCKET/KEY"):
        fetched(b"", url)


def test_an_object_is_put_where_there_is_none() -> None:
    aws = StubAws({"PutObject": {}})
    assert put_new_object(aws, "s3://acme/audit/a.json", b"x")
    [(_, parameters)] = aws.log
    assert (parameters["IfNoneMatch"], parameters["Key"]) == ("*", "audit/a.json")
    assert not put_new_object(StubAws({"PutObject": refused("PreconditionFailed", 412)}), "s3://a/b", b"x")
    with pytest.raises(RegistryError, match="there is no bucket acme"):
        put_new_object(StubAws({"PutObject": refused("NoSuchBucket", 404)}), "s3://acme/b", b"x")
    with pytest.raises(AuthenticationError):
        put_new_object(StubAws({"PutObject": refused("AccessDenied", 403)}), "s3://acme/b", b"x")
