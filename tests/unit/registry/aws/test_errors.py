"""What the errors of AWS and of its SDK mean. The clients are botocore's own; only the wire is stubbed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    UnauthorizedSSOTokenError,
)

from ecr_push.base.errors import AuthenticationError, EcrPushError, RegistryError
from ecr_push.registry.aws.call import call
from ecr_push.registry.aws.errors import AwsRefusedError, AwsUnreachableError, translated
from ecr_push.registry.aws.session import Access, Aws
from tests.support.aws import StubAws, refused


def ask(error: Exception, operation: str = "list_images", **parameters: Any) -> EcrPushError:
    """What we make of an error of one call."""
    client = StubAws(dict.fromkeys(("ListImages", "DescribeRepositories", "GetAuthorizationToken"), error))
    with pytest.raises(EcrPushError) as caught:
        call(client.client("ecr"), operation, **parameters or {"repositoryName": "team/app"})
    return caught.value


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
def test_throttling_is_recognised(code: str, status: int, throttled: bool) -> None:
    error = ask(refused(code, status))
    assert isinstance(error, AwsRefusedError)
    assert (error.throttled, error.status) == (throttled, status)
    assert ("run again in a minute" in error.remedy) == throttled


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
    error = ask(refused(code))
    assert isinstance(error, kind)
    assert remedy in error.remedy
    assert isinstance(error, AwsRefusedError)
    assert (error.code, error.why) == (code, f"{code}: because")
    assert error.exit_code == 4


ALLOW = "allow {} in the policy of the role or user that runs this"
DENIED = "User: arn:aws:iam::111122223333:user/ci is not authorized to perform: {} on resource: x"


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("because", ALLOW.format("ecr:ListImages")),
        (
            DENIED.format("inspector2:ListFindings"),
            ALLOW.format("inspector2:ListFindings") + ": enhanced scanning needs it",
        ),
        (
            DENIED.format("kms:DescribeKey"),
            ALLOW.format("kms:DescribeKey"),
        ),
    ],
)
def test_the_action_that_aws_names_is_the_one_to_allow(message: str, remedy: str) -> None:
    assert ask(refused("AccessDeniedException", message=message)).remedy == remedy


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("describe_repositories", {"registryId": "111122223333"}),
        ("get_authorization_token", {"registryIds": ["111122223333"]}),
    ],
)
def test_a_registry_that_is_named_may_be_the_wrong_one(operation: str, parameters: dict[str, Any]) -> None:
    remedy = ask(refused("AccessDeniedException"), operation, **parameters).remedy
    assert "--registry-id" in remedy
    assert "the registry 111122223333 belongs to another account" in remedy


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("ListImages", "ecr:ListImages"),
        ("AssumeRole", "sts:AssumeRole"),
        ("AssumeRoleWithWebIdentity", "sts:AssumeRoleWithWebIdentity"),
        ("GetRoleCredentials", "sso:GetRoleCredentials"),
    ],
)
def test_a_refusal_on_the_way_to_the_credentials_names_its_own_action(operation: str, action: str) -> None:
    error = ask(refused("AccessDenied", operation=operation))
    assert error.what == f"AWS refused {action}"


@pytest.mark.parametrize(
    ("error", "kind", "what"),
    [
        (NoCredentialsError(), AuthenticationError, "there are no AWS credentials for ecr:ListImages"),
        (
            PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
            AuthenticationError,
            "the AWS credentials are incomplete for ecr:ListImages",
        ),
        (
            CredentialRetrievalError(provider="custom-process", error_msg="exit 1"),
            AuthenticationError,
            "could not load AWS credentials for ecr:ListImages",
        ),
        (
            UnauthorizedSSOTokenError(),
            AuthenticationError,
            "could not load AWS credentials for ecr:ListImages",
        ),
        (EndpointConnectionError(endpoint_url="https://x"), AwsUnreachableError, "AWS could not be reached"),
        (ConnectTimeoutError(endpoint_url="https://x"), AwsUnreachableError, "AWS could not be reached"),
        (
            ParamValidationError(report="repositoryName is too short"),
            RegistryError,
            "AWS does not take the parameters of ecr:ListImages",
        ),
        (RuntimeError("still expired"), RegistryError, "the AWS SDK failed for ecr:ListImages"),
    ],
)
def test_errors_of_the_sdk(error: Exception, kind: type[RegistryError], what: str) -> None:
    found = ask(error)
    assert isinstance(found, kind)
    assert found.what.startswith(what)
    assert found.remedy
    assert found.exit_code == 4


def test_a_token_file_that_is_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The SDK opens it when it needs the first credentials, which is with the first call."""
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/push")
    with pytest.raises(AuthenticationError, match="could not load AWS credentials") as caught:
        call(Aws(Access(region="eu-west-1")).client("ecr"), "list_images", repositoryName="team/app")
    assert str(tmp_path / "token") in caught.value.why
    assert "AWS_WEB_IDENTITY_TOKEN_FILE" in caught.value.remedy


def test_errors_of_ours_pass_unchanged() -> None:
    error = AuthenticationError("the CI has no token")
    with pytest.raises(AuthenticationError) as caught, translated():
        raise error
    assert caught.value is error


@pytest.mark.parametrize(
    ("region", "what"),
    [
        ("eu-west-1", "AWS could not be reached for ecr:ListImages"),
        ("eu-wst-1", "'eu-wst-1' is a region that the AWS SDK does not know; did you mean 'eu-west-1'?"),
        ("zz-nowhere-7", "'zz-nowhere-7' is a region that the AWS SDK does not know"),
        ("aws-global", "AWS could not be reached for ecr:ListImages"),
    ],
)
def test_a_misspelt_region_is_named_where_nothing_answers(region: str, what: str) -> None:
    client = boto3.Session().client(
        "ecr", region_name=region, aws_access_key_id="dummy", aws_secret_access_key="dummy"
    )
    with pytest.raises(AwsUnreachableError) as caught, translated(client, "list_images"):
        raise EndpointConnectionError(endpoint_url="https://x")
    assert caught.value.what == what
    assert "https://x" in caught.value.why


def test_a_session_token_that_aws_quotes_is_not_repeated() -> None:
    """Its message shows the request that it would have signed, headers and all (aws/aws-sdk-cpp#17)."""
    said = (
        "The request signature we calculated does not match the signature you provided. Check your key.\n\n"
        "The Canonical String for this request should have been\n'POST\n/\n\nhost:x\n"
        "x-amz-security-token:IQoJb3JpZ2luX2VjEDUMMY\n\nhost;x-amz-security-token\n0123'\n\n"
        "The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n'"
    )
    error = ask(refused("InvalidSignatureException", message=said))
    assert isinstance(error, AuthenticationError)
    assert "does not match the signature you provided" in str(error)
    assert "IQoJ" not in str(error)
