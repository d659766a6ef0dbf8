"""A role assumed with a CI's own OIDC token, instead of keys that somebody stored.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecr_push.base.errors import AuthenticationError

# What AWS calls a token or a role that do not fit, and what mends it.
_REMEDIES = {
    "AccessDenied": "the role's trust policy must name the provider of the token, its audience and its "
    "subject; the three are said above",
    "InvalidIdentityToken": "the account needs an OIDC provider for the issuer, with the audience said above",
    "ExpiredTokenException": "run again: the token was too old when it arrived",
    "IDPCommunicationError": "run again: AWS could not ask the token's issuer for its keys",
    "IDPRejectedClaim": "the token's issuer withdrew it: run again",
}


@dataclass(frozen=True)
class WebIdentity:
    """role:  the ARN to assume.
    session: what CloudTrail calls us.
    token:   asks for a new token; a build may outlive the credentials, and each renewal needs one. It is
             kept in memory alone.
    claims:  who a token speaks for, in words.
    keep:    told of each secret that STS issues, before it is used.
    cache:   what was issued last, in memory: every client of a run shares it.
    """

    role: str
    session: str
    token: Callable[[], str]
    claims: Callable[[str], str] = lambda token: ""
    keep: Callable[[str], None] = lambda secret: None
    cache: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


def credentials(core: Any, identity: WebIdentity) -> Any:
    """Credentials of the role that renew themselves; core is a botocore session, whose own are not used.

    Raises AuthenticationError when they are first needed and cannot be had.
    """
    from botocore.credentials import (
        AssumeRoleWithWebIdentityCredentialFetcher,
        DeferredRefreshableCredentials,
    )

    asked: list[str] = []

    def load() -> str:
        asked[:] = [identity.token()]
        return asked[0]

    fetcher = AssumeRoleWithWebIdentityCredentialFetcher(
        client_creator=core.create_client,
        web_identity_token_loader=load,
        role_arn=identity.role,
        extra_args={"RoleSessionName": identity.session},
        cache=identity.cache,
    )

    def fetch() -> Any:
        from botocore.exceptions import ClientError

        try:
            issued = fetcher.fetch_credentials()
        except ClientError as error:
            raise _refused(error, identity, asked[0] if asked else "") from error
        for name in ("secret_key", "token"):
            identity.keep(issued[name])
        return issued

    return DeferredRefreshableCredentials(fetch, "assume-role-with-web-identity")


def _refused(error: Any, identity: WebIdentity, token: str) -> AuthenticationError:
    told = error.response.get("Error", {})
    code, message = str(told.get("Code", "Unknown")), str(told.get("Message", ""))
    # STS may repeat what it was sent.
    lines = [f"{code}: {message}".replace(token, "…") if token else code]
    if said := identity.claims(token):
        lines.append(f"the token's claims: {said}")
    remedy = _REMEDIES.get(code, "check the role, and what it trusts")
    return AuthenticationError(
        f"AWS refused sts:AssumeRoleWithWebIdentity for {identity.role}", why="\n".join(lines), remedy=remedy
    )


def get(url: str, headers: Mapping[str, str], timeout: float = 10.0) -> tuple[int, bytes]:
    """Status and body of a GET, by the SDK's own HTTP client, which knows proxies and certificates.

    Raises OSError where nobody answers.
    """
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import HTTPClientError
    from botocore.httpsession import URLLib3Session
    from botocore.utils import get_environ_proxies

    session = URLLib3Session(timeout=timeout, proxies=get_environ_proxies(url))
    try:
        answer = session.send(AWSRequest("GET", url, headers=dict(headers)).prepare())
        return int(answer.status_code), bytes(answer.content)
    except HTTPClientError as error:
        raise OSError(str(error)) from error
    finally:
        session.close()
