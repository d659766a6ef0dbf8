"""What the answers of AWS mean to us. The clients are botocore's own; only the wire is stubbed."""

from __future__ import annotations

import io
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)

from ecr_push.base.errors import AuthenticationError, RegistryError, SettingsError
from ecr_push.registry.aws.client import (
    Access,
    Aws,
    AwsRefusedError,
    AwsUnreachableError,
    Endpoint,
    ask,
    call,
    pages,
    read_object,
)


class Client:
    """An ECR client whose operation answers what the test says; its model is the real one."""

    meta = boto3.Session().client(
        "ecr", region_name="eu-west-1", aws_access_key_id="dummy", aws_secret_access_key="dummy"
    ).meta  # fmt: skip

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def list_images(self, **parameters: Any) -> Any:
        self.asked.append(parameters)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def refused(code: str, status: int = 400) -> ClientError:
    told = {"Error": {"Code": code, "Message": "because"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(told, "ListImages")


WHOLE = {"imageIds": [], "ResponseMetadata": {}}
BROKEN_OFF = {"ResponseMetadata": {"HTTPStatusCode": 200}}


def test_an_answer_is_handed_on() -> None:
    assert call(Client(WHOLE), "list_images", repositoryName="x") == WHOLE


def test_an_answer_that_broke_off_is_asked_for_again() -> None:
    client = Client(BROKEN_OFF, WHOLE)
    assert call(client, "list_images") == WHOLE
    assert len(client.asked) == 2


def test_an_answer_that_always_breaks_off_is_no_success() -> None:
    with pytest.raises(AwsUnreachableError, match="ecr:ListImages broke off"):
        call(Client(*[BROKEN_OFF] * 9), "list_images")


def test_where_nothing_is_an_answer_it_is_taken_for_one() -> None:
    client = Client(BROKEN_OFF)
    assert ask(client, "list_images") == BROKEN_OFF
    assert len(client.asked) == 1


@pytest.mark.parametrize(
    ("code", "status", "throttled"),
    [
        ("ThrottlingException", 400, True),
        ("TooManyRequestsException", 429, True),
        ("SomethingNew", 429, True),
        ("RequestLimitExceeded", 503, True),
        ("LimitExceededException", 400, False),  # of ECR: a quota is used up, and asking again does not help
        ("ServerException", 500, False),
        ("AccessDeniedException", 403, False),
    ],
)
def test_too_many_calls_are_told_apart_from_other_refusals(code: str, status: int, throttled: bool) -> None:
    with pytest.raises(AwsRefusedError) as caught:
        call(Client(refused(code, status)), "list_images")
    assert (caught.value.throttled, caught.value.status) == (throttled, status)


def test_a_service_may_have_an_endpoint_of_its_own() -> None:
    endpoint = Endpoint("http://127.0.0.1:1", "key", "secret", {"sqs": "http://127.0.0.1:2"})
    aws = Aws(Access(region="eu-west-1", endpoint=endpoint))
    assert aws.client("sqs").meta.endpoint_url == "http://127.0.0.1:2"
    assert aws.client("inspector2").meta.endpoint_url == "http://127.0.0.1:1"
    assert aws.client("sqs", region="us-east-2").meta.region_name == "us-east-2"


@pytest.mark.parametrize(
    ("code", "kind", "remedy"),
    [
        ("AccessDeniedException", AuthenticationError, "allow ecr:ListImages"),
        ("UnrecognizedClientException", AuthenticationError, "get-caller-identity"),
        ("InvalidSignatureException", AuthenticationError, "get-caller-identity"),
        ("ExpiredTokenException", AuthenticationError, "sign in again"),
        ("RepositoryNotFoundException", AwsRefusedError, ""),
        ("ServerException", AwsRefusedError, ""),
    ],
)
def test_errors_of_aws(code: str, kind: type[RegistryError], remedy: str) -> None:
    with pytest.raises(kind) as caught:
        call(Client(refused(code)), "list_images")
    assert remedy in caught.value.remedy
    assert isinstance(caught.value, AwsRefusedError)
    assert (caught.value.code, caught.value.why) == (code, f"{code}: because")
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("error", "kind", "what"),
    [
        (NoCredentialsError(), AuthenticationError, "no AWS credentials for ecr:ListImages"),
        (EndpointConnectionError(endpoint_url="https://x"), RegistryError, "could not be reached"),
        (ConnectTimeoutError(endpoint_url="https://x"), RegistryError, "could not be reached"),
    ],
)
def test_what_keeps_us_from_asking(error: Exception, kind: type[RegistryError], what: str) -> None:
    with pytest.raises(kind, match=what) as caught:
        call(Client(error), "list_images")
    assert caught.value.remedy


def test_a_profile_that_is_not_there_is_a_mistake_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    with pytest.raises(SettingsError) as caught:
        Aws(Access(profile="nope")).client("ecr")
    assert caught.value.problems == ("there is no AWS profile 'nope'",)
    assert "aws configure list-profiles" in caught.value.remedy


@pytest.mark.parametrize(
    ("region", "told"),
    [
        ("eu-west-1", "AWS could not be reached for ecr:ListImages"),
        ("eu-wst-1", "'eu-wst-1' is a region that the AWS SDK does not know; did you mean 'eu-west-1'?"),
        ("zz-nowhere-7", "'zz-nowhere-7' is a region that the AWS SDK does not know"),
        ("aws-global", "AWS could not be reached for ecr:ListImages"),
    ],
)
def test_a_region_that_is_spelt_wrong_is_told_where_nobody_answers(region: str, told: str) -> None:
    client = Client(EndpointConnectionError(endpoint_url="https://x"))
    client.meta = boto3.Session().client(
        "ecr", region_name=region, aws_access_key_id="dummy", aws_secret_access_key="dummy"
    ).meta  # fmt: skip
    with pytest.raises(AwsUnreachableError) as caught:
        call(client, "list_images")
    assert caught.value.what == told
    assert "https://x" in caught.value.why


def test_the_session_token_that_aws_quotes_to_explain_a_signature_is_not_repeated() -> None:
    """Its message shows the request that it would have signed, headers and all (aws/aws-sdk-cpp#17)."""
    said = (
        "The request signature we calculated does not match the signature you provided. Check your key.\n\n"
        "The Canonical String for this request should have been\n'POST\n/\n\nhost:x\n"
        "x-amz-security-token:IQoJb3JpZ2luX2VjEDUMMY\n\nhost;x-amz-security-token\n0123'\n\n"
        "The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n'"
    )
    error = ClientError({"Error": {"Code": "InvalidSignatureException", "Message": said}}, "ListImages")
    with pytest.raises(AuthenticationError) as caught:
        ask(Client(error), "list_images")
    assert "does not match the signature you provided" in str(caught.value)
    assert "IQoJ" not in str(caught.value)


def test_all_pages_are_read() -> None:
    client = Client({"imageIds": [1], "nextToken": "more"}, {"imageIds": [2]})
    assert [page["imageIds"] for page in pages(client, "list_images", repositoryName="x")] == [[1], [2]]
    assert client.asked == [{"repositoryName": "x"}, {"repositoryName": "x", "nextToken": "more"}]


def test_pages_that_go_in_circles_have_an_end() -> None:
    client = Client(*[{"imageIds": [], "nextToken": "x"}] * 3)
    with pytest.raises(RegistryError, match="the same page"):
        pages(client, "list_images")
    assert len(client.asked) == 2


def test_a_region_that_nobody_names_is_a_mistake_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(SettingsError, match="the settings are wrong") as caught:
        Aws(Access()).client("ecr")
    assert "--region" in caught.value.problems[0]


def test_a_fips_host_leads_to_fips_endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "dummy")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "dummy")
    client = Aws(Access(region="us-east-1", fips=True)).client("ecr")
    assert client.meta.endpoint_url == "https://ecr-fips.us-east-1.amazonaws.com"


def test_a_starting_scan_is_not_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "dummy")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "dummy")
    aws = Aws(Access(region="eu-west-1"))
    assert aws.client("ecr", attempts=1).meta.config.retries["total_max_attempts"] == 1
    assert aws.client("ecr") is aws.client("ecr")
    assert aws.client("ecr").meta.config.retries["total_max_attempts"] > 1


# ------------------------------------------------------------------------- objects in S3


class Store:
    """An `Aws` whose S3 answers what the test says."""

    meta = boto3.Session().client(
        "s3", region_name="eu-west-1", aws_access_key_id="dummy", aws_secret_access_key="dummy"
    ).meta  # fmt: skip

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        assert service == "s3"
        return self

    def get_object(self, **parameters: Any) -> Any:
        self.asked = parameters
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"Body": io.BytesIO(self.answer), "ContentLength": len(self.answer)}


def s3_refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "because"}}, "GetObject")


def fetched(answer: Any, url: str = "s3://acme/policies/a.yml", limit: int = 2048) -> bytes:
    store: Any = Store(answer)
    content = read_object(store, url, limit)
    assert store.asked == {"Bucket": "acme", "Key": "policies/a.yml"}
    return content


def test_an_object_is_read_up_to_its_limit() -> None:
    assert fetched(b"x" * 2048) == b"x" * 2048
    with pytest.raises(ValueError, match="it is larger than 2 KiB"):
        fetched(b"x" * 2049)


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket"])
def test_an_object_that_is_not_there_is_a_mistake_of_who_named_it(code: str) -> None:
    with pytest.raises(ValueError, match=f"it is not there .{code}."):
        fetched(s3_refused(code))


def test_an_object_that_may_not_be_read_or_reached_is_an_error_of_aws() -> None:
    with pytest.raises(AuthenticationError) as refusal:
        fetched(s3_refused("AccessDenied"))
    assert "s3:GetObject" in refusal.value.what
    with pytest.raises(RegistryError, match="could not be reached for s3:GetObject"):
        fetched(EndpointConnectionError(endpoint_url="https://s3"))


@pytest.mark.parametrize("url", ["s3://", "s3://acme", "s3:///key"])
def test_what_names_no_object(url: str) -> None:
    with pytest.raises(ValueError, match="expected s3://BUCKET/KEY"):
        fetched(b"", url)


def test_what_sts_issues_for_a_role_is_known_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.credentials import AssumeRoleCredentialFetcher

    issued = {
        "access_key": "ASIA",
        "secret_key": "dummy secret",
        "token": "dummy token",
        "expiry_time": "2100-01-01T00:00:00Z",
    }
    monkeypatch.setattr(AssumeRoleCredentialFetcher, "fetch_credentials", lambda self: issued)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "dummy")
    kept: list[str] = []
    access = Access(region="eu-west-1", role="arn:aws:iam::123456789012:role/push", keep=kept.append)
    signer = Aws(access).client("ecr")._request_signer
    assert kept == []
    assert signer._credentials.get_frozen_credentials().secret_key == "dummy secret"
    assert kept == ["dummy secret", "dummy token"]
