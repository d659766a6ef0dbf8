"""The only door to boto3: sessions, roles, clients, retries, and what its errors mean to us."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecr_push.base.errors import AuthenticationError, EcrPushError, RegistryError, SettingsError
from ecr_push.base.suggest import did_you_mean
from ecr_push.registry.aws.web_identity import WebIdentity, credentials

CONNECT_TIMEOUT_SECONDS = 5
READ_TIMEOUT_SECONDS = 30
ATTEMPTS = 6
ATTEMPTS_AT_A_WHOLE_ANSWER = 3

# What AWS calls credentials that it does not know, that are too old, or that may not do this.
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
_EXPIRED_CREDENTIALS = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_NOT_ALLOWED = frozenset({"AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation"})
# After this, AWS explains a signature by the request that it belongs to, the session token in its headers.
_QUOTED_REQUEST = "The Canonical String for this request"
# Too many calls. LimitExceededException is none of these: of ECR it means that a quota is used up.
_THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "SlowDown",
    }
)


@dataclass(frozen=True)
class Endpoint:
    """An AWS on this machine, with the dummy credentials that it knows.

    services: the address of each service that is not at url, by boto3's name for it.
    """

    url: str
    access_key: str
    secret_key: str = field(repr=False)
    services: Mapping[str, str] = field(default_factory=dict)

    def url_of(self, service: str) -> str:
        return self.services.get(service, self.url)


@dataclass(frozen=True)
class Access:
    """Whose credentials, and where. Empty parts are as the AWS SDK finds them.

    web_identity: takes the place of the SDK's own credentials; role is assumed from there.
    keep:         told of each secret that STS issues for role, before it is used.
    """

    region: str = ""
    profile: str = ""
    role: str = ""
    web_identity: WebIdentity | None = None
    endpoint: Endpoint | None = None
    fips: bool = False
    dual_stack: bool = False
    keep: Callable[[str], None] = lambda secret: None


class AwsRefusedError(RegistryError):
    """AWS answered with an error. code is the service's own, the only part to decide by.

    status: the HTTP status of the answer; 0 where it is not known.
    """

    def __init__(self, code: str, message: str, action: str, status: int = 0) -> None:
        super().__init__(f"AWS refused {action}", why=f"{code}: {message}" if message else code)
        self.code = code
        self.status = status

    @property
    def throttled(self) -> bool:
        """Whether the same call may succeed later, because there were only too many of them."""
        return self.code in _THROTTLED or self.status == 429


class AccessRefusedError(AwsRefusedError, AuthenticationError):
    """AWS does not know these credentials, or they may not do this."""

    kind = "authentication"


class AwsUnreachableError(RegistryError):
    """No answer came: the network, or an answer that broke off."""


class Aws:
    """Clients for one `Access`, made when they are needed; safe to share between threads."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._lock = threading.Lock()
        self._session: Any = None
        self._clients: dict[tuple[str, str, int], Any] = {}

    @property
    def region(self) -> str:
        """The region in effect. Raises SettingsError where nothing names one."""
        region = self._access.region or str(self._open().region_name or "")
        if not region:
            raise SettingsError(
                ["--region: no AWS region is known"],
                remedy="give --region, set AWS_REGION, name one in the profile, or give --repository as a "
                "whole URI",
            )
        return region

    def client(self, service: str, *, region: str = "", attempts: int = ATTEMPTS) -> Any:
        """A boto3 client. attempts counts the first one too."""
        from botocore.config import Config

        session = self._open()
        where = region or self.region
        with self._lock:
            key = (service, where, attempts)
            if key not in self._clients:
                endpoint = self._access.endpoint
                self._clients[key] = session.client(
                    service,
                    region_name=where,
                    endpoint_url=endpoint.url_of(service) if endpoint else None,
                    config=Config(
                        retries={"mode": "standard", "total_max_attempts": attempts},
                        connect_timeout=CONNECT_TIMEOUT_SECONDS,
                        read_timeout=READ_TIMEOUT_SECONDS,
                        max_pool_connections=16,
                        # False would overrule what the user's own AWS configuration asks for.
                        use_fips_endpoint=self._access.fips or None,
                        use_dualstack_endpoint=self._access.dual_stack or None,
                        user_agent_extra="ecr-push",
                    ),
                )
            return self._clients[key]

    def _open(self) -> Any:
        with self._lock:
            if self._session is None:
                self._session = _open_session(self._access)
            return self._session


def _open_session(access: Access) -> Any:
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        if access.endpoint:
            return boto3.Session(
                aws_access_key_id=access.endpoint.access_key,
                aws_secret_access_key=access.endpoint.secret_key,
                region_name=access.region or None,
            )
        session = boto3.Session(profile_name=access.profile or None, region_name=access.region or None)
        if access.web_identity:
            session = _renewed(session, credentials(session._session, access.web_identity))
        return _assume(session, access) if access.role else session
    except BotoCoreError as error:
        raise _unusable(error) from error


def _assume(session: Any, access: Access) -> Any:
    """A session of the role, whose credentials renew themselves: a build may outlive their hour."""
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

    core = session._session
    if core.get_credentials() is None:
        raise AuthenticationError(
            f"there are no AWS credentials to assume {access.role} with",
            remedy="give the job a role of its own, or name a --profile",
        )
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=core.create_client,
        source_credentials=core.get_credentials(),
        role_arn=access.role,
        extra_args={"RoleSessionName": "ecr-push"},
    )

    def fetch() -> Any:
        issued = fetcher.fetch_credentials()
        for name in ("secret_key", "token"):
            access.keep(issued[name])
        return issued

    return _renewed(session, DeferredRefreshableCredentials(fetch, "assume-role"))


def _renewed(session: Any, found: Any) -> Any:
    """A session in the same region with credentials that renew themselves."""
    import boto3
    import botocore.session

    core = botocore.session.get_session()
    core._credentials = found
    core.set_config_variable("region", session.region_name)
    return boto3.Session(botocore_session=core)


def call(client: Any, operation: str, /, **parameters: Any) -> dict[str, Any]:
    """One API call by its Python name. Raises AwsRefusedError, AuthenticationError or RegistryError.

    An answer that broke off on its way reaches us as an empty success: botocore takes a body that it
    cannot parse for one without members. Every answer that we ask for here has some, so nothing is
    never an answer; every call that we make may be repeated.
    """
    for _ in range(ATTEMPTS_AT_A_WHOLE_ANSWER):
        answer = ask(client, operation, **parameters)
        if answer.keys() - {"ResponseMetadata"}:
            return answer
    raise AwsUnreachableError(
        f"the answer to {_action(client, operation)} broke off",
        remedy="run again; if it stays, look at the proxies between here and AWS",
    )


def ask(client: Any, operation: str, /, **parameters: Any) -> dict[str, Any]:
    """Like `call`, for an operation to which nothing is an answer too."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer: dict[str, Any] = getattr(client, operation)(**parameters)
    except ClientError as error:
        raise refusal(error, client, operation) from error
    except BotoCoreError as error:
        raise _unusable(error, client, operation) from error
    return answer


def pages(client: Any, operation: str, /, **parameters: Any) -> list[dict[str, Any]]:
    """Every page of a paged operation. Raises as `call` does."""
    found = []
    token: dict[str, Any] = {}
    while True:
        page = call(client, operation, **parameters, **token)
        found.append(page)
        if not page.get("nextToken"):
            return found
        if page["nextToken"] == token.get("nextToken"):
            raise RegistryError(f"{_action(client, operation)} gives the same page again and again")
        token = {"nextToken": page["nextToken"]}


def read_object(aws_access: Aws, url: str, limit: int) -> bytes:
    """The content of `s3://BUCKET/KEY`. Raises ValueError where it is not there or longer than limit bytes.

    Raises RegistryError as `call` does: needs s3:GetObject; without s3:ListBucket S3 answers AccessDenied
    for an object that is not there.
    """
    from botocore.exceptions import BotoCoreError

    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not bucket or not key:
        raise ValueError("expected s3://BUCKET/KEY")
    client = aws_access.client("s3")
    try:
        answer = call(client, "get_object", Bucket=bucket, Key=key)
        if answer.get("ContentLength", 0) > limit:
            raise ValueError(f"it is larger than {limit // 1024} KiB")
        content: bytes = answer["Body"].read(limit + 1)
    except AwsRefusedError as refused:
        if refused.code in ("NoSuchKey", "NoSuchBucket"):
            raise ValueError(f"it is not there ({refused.code})") from refused
        raise
    except BotoCoreError as error:
        raise _unusable(error, client, "get_object") from error
    if len(content) > limit:
        raise ValueError(f"it is larger than {limit // 1024} KiB")
    return content


def refusal(error: Any, client: Any, operation: str) -> AwsRefusedError:
    """What botocore's ClientError means to us."""
    code = str(error.response.get("Error", {}).get("Code", "Unknown"))
    message = str(error.response.get("Error", {}).get("Message", "")).partition(_QUOTED_REQUEST)[0].rstrip()
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    action = _action(client, operation)
    if error.operation_name == "AssumeRole":  # on the way to the call: the role's credentials
        action = "sts:AssumeRole"
    if code in _NOT_ALLOWED:
        refused: AwsRefusedError = AccessRefusedError(code, message, action, status)
        refused.remedy = f"allow {action} in the policy of the role or user that runs this"
    elif code in _UNKNOWN_CREDENTIALS:
        refused = AccessRefusedError(code, message, action, status)
        refused.remedy = "check the credentials: `aws sts get-caller-identity` shows whose they are"
    elif code in _EXPIRED_CREDENTIALS:
        refused = AccessRefusedError(code, message, action, status)
        refused.remedy = "the credentials are too old: sign in again, or give the job a longer session"
    else:
        refused = AwsRefusedError(code, message, action, status)
    return refused


def _action(client: Any, operation: str) -> str:
    """The IAM action of an operation, such as `ecr:PutImage`."""
    service = client.meta.service_model
    return f"{service.signing_name}:{client.meta.method_to_api_mapping[operation]}"


def _unknown_region(region: str) -> str:
    """What is odd about a region that the SDK does not know; "" for one that it knows. It may be new."""
    import botocore.session

    core = botocore.session.get_session()
    known = {
        one
        for partition in core.get_available_partitions()
        for one in core.get_available_regions("ecr", partition_name=partition)
    }
    if region in known or region.endswith("-global"):
        return ""
    return f"{region!r} is a region that the AWS SDK does not know{did_you_mean(region, sorted(known))}"


def _unusable(error: Any, client: Any = None, operation: str = "") -> EcrPushError:
    from botocore import exceptions as botocore_errors

    why = " ".join(str(error).split())
    doing = f" for {_action(client, operation)}" if client is not None else ""
    if isinstance(error, (botocore_errors.NoCredentialsError, botocore_errors.PartialCredentialsError)):
        return AuthenticationError(
            f"there are no AWS credentials{doing}",
            why=why,
            remedy="give the job a role, name a --profile, or try it without AWS: --sandbox",
        )
    if isinstance(error, botocore_errors.ProfileNotFound):
        return SettingsError(
            [f"there is no AWS profile {error.kwargs['profile']!r}"],
            remedy="`aws configure list-profiles` shows which there are; --profile or AWS_PROFILE names one",
        )
    if isinstance(error, (botocore_errors.HTTPClientError, botocore_errors.ConnectionError)):
        unreachable = f"AWS could not be reached{doing}"
        odd = _unknown_region(client.meta.region_name) if client is not None else ""
        return AwsUnreachableError(
            odd or unreachable,
            why=f"{unreachable}: {why}" if odd else why,
            remedy="check the region, the network, the proxy and the VPC endpoints",
        )
    if isinstance(
        error,
        (
            botocore_errors.CredentialRetrievalError,
            botocore_errors.TokenRetrievalError,
            botocore_errors.SSOError,
        ),
    ):
        return AuthenticationError(
            f"the AWS credentials could not be had{doing}",
            why=why,
            remedy="sign in again: `aws sso login`, or whatever issues them",
        )
    return RegistryError(f"the AWS SDK cannot go on{doing}", why=why)
