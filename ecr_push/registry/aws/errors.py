"""What the errors of AWS and of its SDK mean for the user: what failed, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from ecr_push.base.errors import AuthenticationError, EcrPushError, RegistryError
from ecr_push.base.regex import lazy_regex
from ecr_push.registry.aws.configuration import configuration_error, incomplete
from ecr_push.registry.aws.odd import OddAnswerError
from ecr_push.registry.aws.regions import spelling_hint

# The codes of credentials that AWS does not know, that have expired, or that may not do this.
# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html
_UNKNOWN_CREDENTIALS = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
    }
)
# A signature holds for 15 minutes:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
_SIGNED_WRONGLY = frozenset({"InvalidSignatureException", "SignatureDoesNotMatch"})
_EXPIRED_CREDENTIALS = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_NOT_ALLOWED = frozenset({"AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation"})
# After these words AWS quotes the request that it received, with the session token in its headers.
_QUOTED_REQUEST = "The Canonical String for this request"
# Too many calls. Not LimitExceededException: from ECR it means that a quota is used up.
_THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "ProvisionedThroughputExceededException",  # DynamoDB's
        "TooManyRequestsException",
        "SlowDown",
    }
)
# How AWS names the action that a policy has to allow. It may be another service's than the one asked: ECR
# asks Inspector for the findings of enhanced scanning.
_NAMED_ACTION = lazy_regex(r"is not authorized to perform: (?P<action>[a-z0-9-]+:[A-Za-z]+)")
# Operations that the SDK calls for credentials, on the way to the operation that was asked for.
_FOR_CREDENTIALS = {
    "AssumeRole": "sts:AssumeRole",
    "AssumeRoleWithWebIdentity": "sts:AssumeRoleWithWebIdentity",
    "GetRoleCredentials": "sso:GetRoleCredentials",
}
# What policies call a service whose requests are signed for another name.
_IN_POLICIES = {"monitoring": "cloudwatch"}


class AwsRefusedError(RegistryError):
    """AWS answered with an error. code is the service's own, the only part to decide by.

    status: the HTTP status of the answer; 0 where it is not known.
    answered_at: AWS's time, exact to a second; None where it is not known.
    """

    def __init__(self, code: str, message: str, action: str, status: int = 0) -> None:
        super().__init__(f"AWS refused {action}", why=f"{code}: {message}" if message else code)
        self.code = code
        self.status = status
        self.answered_at: datetime | None = None

    @property
    def is_cut_off(self) -> bool:
        """Whether no code could be read: the SDK takes the HTTP status for one then."""
        return self.code == str(self.status)

    @property
    def throttled(self) -> bool:
        """Whether there were too many calls, so that the same call may succeed later."""
        return self.code in _THROTTLED or self.status == 429


class AccessRefusedError(AwsRefusedError, AuthenticationError):
    """AWS does not know these credentials, or they may not do this."""

    kind = "authentication"


class AwsUnreachableError(RegistryError):
    """AWS did not answer: a problem of the network, or an answer that was cut off."""


def action_of(client: Any, operation: str) -> str:
    """Return the IAM action of an operation, such as `ecr:PutImage`."""
    service = client.meta.service_model.signing_name
    return f"{_IN_POLICIES.get(service, service)}:{client.meta.method_to_api_mapping[operation]}"


@contextmanager
def translated(
    client: Any = None, operation: str = "", parameters: Mapping[str, Any] | None = None
) -> Iterator[None]:
    """Turn every error of the SDK into one of ours. The block must call the SDK and nothing else.

    client, operation, parameters: what is asked; none while a session or a client is created.
    Raises AwsRefusedError, AwsUnreachableError, AuthenticationError, AwsSettingsError, OddAnswerError or
    RegistryError.
    """
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        raise _refusal(error, client, operation, parameters or {}) from error
    except EcrPushError:
        raise  # of our own handlers
    # The SDK passes many errors on as they are: of files that its configuration names, of URLs and JSON in
    # it, of credentials that have expired although they were just renewed, and of answers that are not what
    # its models say: any type of error.
    except Exception as error:
        if client is not None and _is_of("botocore.parsers", error):
            problem = f"the SDK cannot read it: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
            raise OddAnswerError(action_of(client, operation), problem) from error
        raise _failure(error, client, operation) from error


def _is_of(module: str, error: BaseException) -> bool:
    """Whether an error came up in a module of the SDK, or in what that called."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_globals.get("__name__") != module:
        trace = trace.tb_next
    return trace is not None


def _refusal(error: Any, client: Any, operation: str, parameters: Mapping[str, Any]) -> AwsRefusedError:
    answer = error.response
    code = str(answer.get("Error", {}).get("Code", "Unknown"))
    message = str(answer.get("Error", {}).get("Message", "")).partition(_QUOTED_REQUEST)[0].rstrip()
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    action = _FOR_CREDENTIALS.get(error.operation_name) or (
        action_of(client, operation) if client is not None else str(error.operation_name)
    )
    credentials = code in _NOT_ALLOWED | _UNKNOWN_CREDENTIALS | _EXPIRED_CREDENTIALS
    refused = (AccessRefusedError if credentials else AwsRefusedError)(code, message, action, status)
    refused.answered_at = date_of(answer)
    if code in _NOT_ALLOWED:
        refused.remedy = _permission(action, message, parameters)
    elif code in _UNKNOWN_CREDENTIALS:
        refused.remedy = "check the credentials: `aws sts get-caller-identity` shows whose they are"
        if code in _SIGNED_WRONGLY:
            refused.remedy += "; and the clock, which `ecr-push doctor` compares with AWS's"
    elif code in _EXPIRED_CREDENTIALS:
        refused.remedy = "the credentials have expired: sign in again, or give the job a longer session"
    elif refused.throttled:
        refused.remedy = "AWS is throttling the calls of this account: run again in a minute"
    return refused


def date_of(answer: Mapping[str, Any]) -> datetime | None:
    """The time in the headers of an answer, as the SDK has it."""
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(str(answer["ResponseMetadata"]["HTTPHeaders"]["date"]))
    except (KeyError, TypeError, ValueError):
        return None


def _permission(action: str, message: str, parameters: Mapping[str, Any]) -> str:
    named = _NAMED_ACTION.search(message)
    allow = named["action"] if named else action
    remedy = f"allow {allow} in the policy of the role or user that runs this"
    if allow.startswith("inspector2:"):
        remedy += ": enhanced scanning needs it"
    registry_id = parameters.get("registryId") or "".join(parameters.get("registryIds") or ())
    if registry_id and not allow.startswith("inspector2:"):
        remedy += (
            f"; if the registry {registry_id} belongs to another account, the policy of its repository must "
            "allow it too; if it is not the registry that you mean, fix --registry-id"
        )
    return remedy


def _failure(error: Exception, client: Any, operation: str) -> EcrPushError:
    """Say what an error of the SDK means, on this side of the network."""
    from botocore import exceptions as sdk

    why = " ".join(str(error).split())
    doing = f" for {action_of(client, operation)}" if client is not None else ""
    if isinstance(error, sdk.NoCredentialsError):
        return AuthenticationError(
            f"there are no AWS credentials{doing}",
            why=why,
            remedy="give the job a role, name a --profile, set AWS_ACCESS_KEY_ID as well as "
            "AWS_SECRET_ACCESS_KEY, or try it without AWS: --sandbox",
        )
    if isinstance(error, sdk.PartialCredentialsError):
        return incomplete(error, why, doing)
    if isinstance(error, (sdk.HTTPClientError, sdk.ConnectionError)):
        unreachable = f"AWS could not be reached{doing}"
        hint = spelling_hint(client.meta.region_name) if client is not None else ""
        return AwsUnreachableError(
            hint or unreachable,
            why=f"{unreachable}: {why}" if hint else why,
            remedy="check the region, the network, the proxy and the VPC endpoints",
        )
    if isinstance(error, (sdk.CredentialRetrievalError, sdk.TokenRetrievalError, sdk.SSOError)):
        return AuthenticationError(
            f"could not load AWS credentials{doing}",
            why=why,
            remedy="sign in again: `aws sso login`; or fix what issues the credentials, such as "
            "credential_process in the profile",
        )
    if isinstance(error, OSError) and error.filename:
        return AuthenticationError(
            f"could not load AWS credentials{doing}",
            why=f"the AWS configuration needs {error.filename}: {error.strerror}",
            remedy="check that the file exists and can be read: AWS_WEB_IDENTITY_TOKEN_FILE, or "
            "web_identity_token_file or credential_process in the profile, names it",
        )
    if _is_of("botocore.credentials", error) and not isinstance(error, sdk.BotoCoreError):
        return AuthenticationError(
            f"could not load AWS credentials{doing}",
            why=f"what issues them, or its answer, is not valid: {type(error).__name__}: {why}",
            remedy="check the role, or what issues the credentials: credential_process in the profile, "
            "the web identity token file, or AWS_CONTAINER_CREDENTIALS_FULL_URI",
        )
    in_credentials = _is_of("botocore.credentials", error)
    return configuration_error(error, why, doing, in_credentials=in_credentials, asked=client is not None)
