"""The caller of a request: the access keys of the sandbox, and the sessions that STS opened.

Signatures are not verified: the sandbox serves only this machine, and its secret key is public. It checks for
users' mistakes: credentials that are missing, unknown, expired, without permissions or for another region.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.datastructures import Headers

from ecr_push.base.iam.document import Policy
from ecr_push.base.partition import partition_of
from ecr_push.base.regex import lazy_regex
from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.permissions.setup import Setup

ACCESS_KEY_ID = "SANDBOXACCESSKEY0001"
DENIED_ACCESS_KEY_ID = "SANDBOXDENIEDKEY0001"
AUDIENCE = "sts.amazonaws.com"
SECRET_ACCESS_KEY = "sandbox-secret-access-key"  # noqa: S105  (public: see above)

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
_CREDENTIAL = lazy_regex(
    r"AWS4-HMAC-SHA256 .*Credential=(?P<key>[^/,\s]+)/\d{8}/(?P<region>[^/,\s]*)/[^/,\s]+/aws4_request"
)
_ROLE = lazy_regex(r"arn:aws[\w-]*:iam::(?P<account>\d{12}):role/(?:.*/)?(?P<name>[\w+=,.@-]+)")
# STS's codes of these errors. It sends them with status 403, JSON services with 400.
_STS_CODES = {
    "UnrecognizedClientException": "InvalidClientTokenId",
    "ExpiredTokenException": "ExpiredToken",
    "AccessDeniedException": "AccessDenied",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
}


@dataclass(frozen=True)
class CallerIdentity:
    """A caller as GetCallerIdentity describes it.

    allowed: has all permissions, else none, where no policies say so. temporary: by a session's credentials.
    role_arn: of the role whose session it is. session_policies: what limits the session; None: nothing.
    """

    arn: str
    user_id: str
    allowed: bool = True
    temporary: bool = False
    role_arn: str = ""
    session_policies: tuple[Policy, ...] | None = None

    @property
    def account(self) -> str:
        return self.arn.split(":")[4] if self.arn else ""


ANONYMOUS = CallerIdentity("", "anonymous")


@dataclass(frozen=True)
class Session:
    """Credentials that STS returns. expires_at: seconds since the epoch."""

    access_key_id: str
    secret_access_key: str
    token: str
    expires_at: float
    identity: CallerIdentity


@dataclass(frozen=True)
class Claims:
    """The claims of an OIDC token. expires_at: seconds since the epoch."""

    issuer: str
    subject: str
    audience: str
    expires_at: float

    @classmethod
    def of(cls, token: str) -> Claims:
        """Reads a token without verifying its signature. Raises EcrError with STS's code."""
        try:
            payload = token.split(".")[1]
            found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            return cls(str(found["iss"]), str(found["sub"]), str(found["aud"]), float(found["exp"]))
        except (ValueError, KeyError, IndexError, TypeError):
            raise EcrError("InvalidIdentityToken", "The ID Token provided is not a valid JWT.") from None

    def provider(self, account: str, partition: str) -> str:
        """The ARN of the account's identity provider for this issuer."""
        return f"arn:{partition}:iam::{account}:oidc-provider/{self._host}"

    def keys(self) -> dict[str, str]:
        """The condition keys of a trust policy.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
        """
        return {f"{self._host}:aud": self.audience, f"{self._host}:sub": self.subject}

    @property
    def _host(self) -> str:
        return self.issuer.partition("://")[2].rstrip("/") or self.issuer


class Identities:
    """The keys and sessions of one account, and those of a setup. setup: the one that applies now."""

    def __init__(
        self,
        account: str,
        region: str,
        clock: Callable[[], float],
        setup: Callable[[], Setup | None] = lambda: None,
    ) -> None:
        self._setup = setup
        self._account = account
        self._region = region
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        user = f"arn:{partition_of(region)}:iam::{account}:user/"
        self._users = {
            ACCESS_KEY_ID: CallerIdentity(f"{user}sandbox", "AIDASANDBOX"),
            DENIED_ACCESS_KEY_ID: CallerIdentity(f"{user}denied", "AIDADENIED", allowed=False),
        }

    def authenticate(self, service: str, headers: Headers) -> CallerIdentity:
        """Returns the caller by the Authorization header. Raises EcrError with AWS's code."""
        authorization = headers.get("Authorization")
        if not authorization:
            raise identity_error(
                service, "MissingAuthenticationTokenException", "Missing Authentication Token"
            )
        credential = _CREDENTIAL.match(authorization)
        if not credential:
            raise identity_error(
                service,
                "IncompleteSignatureException",
                "Authorization header requires 'Credential' parameter: expected AWS4-HMAC-SHA256",
            )
        identity = self._identity(service, credential["key"], headers.get("X-Amz-Security-Token", ""))
        expected = {"ecr": self._region, "inspector2": self._region, "ecr-public": "us-east-1"}.get(service)
        if expected and credential["region"] != expected:
            raise identity_error(
                service,
                "InvalidSignatureException",
                f"Credential should be scoped to a valid region, not '{credential['region']}': "
                f"this sandbox serves {service} in {expected}; --region starts it in another region",
            )
        return identity

    def assume(
        self,
        identity: CallerIdentity,
        role_arn: str,
        session_name: str,
        duration: int,
        policies: tuple[Policy, ...] | None = None,
    ) -> Session:
        """Creates a session of a role in the sandbox's account, for duration seconds. Raises EcrError."""
        role = self._role(role_arn)
        if not identity.allowed or not role:
            raise identity_error(
                "sts",
                "AccessDeniedException",
                f"User: {identity.arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}",
            )
        opened = dataclasses.replace(self._assumed(role_arn, session_name), session_policies=policies)
        return self._open(opened, duration)

    def assume_with_token(self, claims: Claims, role_arn: str, session_name: str, duration: int) -> Session:
        """The same for an OIDC token. The sandbox's roles trust every issuer, and one audience."""
        if claims.audience != AUDIENCE:
            raise EcrError("InvalidIdentityToken", "Incorrect token audience")
        if claims.expires_at <= self._clock():
            message = f"Token expired: current date/time {self._clock():.0f} must be before the expiration"
            raise EcrError("ExpiredTokenException", message)
        role = self._role(role_arn)
        if not role:
            raise identity_error(
                "sts", "AccessDeniedException", "Not authorized to perform sts:AssumeRoleWithWebIdentity"
            )
        return self._open(self._assumed(role_arn, session_name), duration)

    def session_of_user(self, identity: CallerIdentity, duration: int) -> Session:
        """GetSessionToken: the same user for duration seconds. Raises EcrError.

        https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
        """
        if identity.temporary:
            message = "Cannot call GetSessionToken with session credentials"
            raise identity_error("sts", "AccessDeniedException", message)
        return self._open(dataclasses.replace(identity, temporary=True), duration)

    def _role(self, arn: str) -> bool:
        """Whether there is such a role: all of the account, or those of the setup."""
        if setup := self._setup():
            return setup.of_arn(arn) is not None
        role = _ROLE.fullmatch(arn)
        return bool(role and role["account"] == self._account)

    def _assumed(self, role_arn: str, session_name: str) -> CallerIdentity:
        role = _ROLE.fullmatch(role_arn)
        if not role:
            raise identity_error("sts", "AccessDeniedException", f"{role_arn} is not a role")
        home = f"arn:{partition_of(self._region)}:sts::{role['account']}"
        arn = f"{home}:assumed-role/{role['name']}/{session_name}"
        return CallerIdentity(arn, f"AROASANDBOX:{session_name}", temporary=True, role_arn=role_arn)

    def _open(self, identity: CallerIdentity, duration: int) -> Session:
        key = f"ASIA{secrets.token_hex(8).upper()}"
        session = Session(
            key,
            secrets.token_urlsafe(30),
            secrets.token_urlsafe(150),
            self._clock() + duration,
            identity,
        )
        with self._lock:
            self._sessions[key] = session
        return session

    def _identity(self, service: str, key: str, token: str) -> CallerIdentity:
        setup = self._setup()
        if principal := setup.of_key(key) if setup else None:
            if ":role/" in principal.arn:
                return self._assumed(principal.arn, "sandbox")
            return CallerIdentity(principal.arn, f"AIDASANDBOX{principal.name.upper()}")
        if user := self._users.get(key):
            return user
        with self._lock:
            session = self._sessions.get(key)
        if session is None or session.token != token:
            message = "The security token included in the request is invalid."
            raise identity_error(service, "UnrecognizedClientException", message)
        if session.expires_at <= self._clock():
            message = "The security token included in the request is expired"
            raise identity_error(service, "ExpiredTokenException", message)
        return session.identity


def region_of(headers: Headers) -> str:
    """The region that a request is signed for; "" for one that is not signed."""
    credential = _CREDENTIAL.match(headers.get("Authorization", ""))
    return credential["region"] if credential else ""


def identity_error(service: str, code: str, message: str) -> EcrError:
    """Returns an error about the caller, with the code and the status that the service uses."""
    if service in ("sts", "iam"):
        return EcrError(_STS_CODES.get(code, code.removesuffix("Exception")), message, 403)
    return EcrError(code, message)
