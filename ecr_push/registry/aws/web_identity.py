"""A role assumed with the CI's OIDC token, instead of stored keys.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import AuthenticationError

# The codes with which AWS refuses a token or a role, and how to fix it.
_REMEDIES = {
    "AccessDenied": "the role's trust policy must name the provider of the token, its audience and its "
    "subject; all three are shown above",
    "InvalidIdentityToken": "the account needs an OIDC provider for the issuer and the audience shown above",
    "ExpiredTokenException": "run again: the token had expired when it arrived",
    "IDPCommunicationError": "run again: AWS could not ask the token's issuer for its keys",
    "IDPRejectedClaim": "the token's issuer withdrew it: run again",
}


@dataclass(frozen=True)
class WebIdentity:
    """role:      the ARN to assume.
    session:   the name of the session in CloudTrail.
    token:     requests a new token; a build may outlive the credentials, and each renewal needs one. It
               is kept in memory alone.
    claims:    describes who a token is for.
    on_secret: called with every secret that STS issues, before its first use.
    cache:     the credentials issued last, in memory: every client of a run shares them.
    """

    role: str
    session: str
    token: Callable[[], str]
    claims: Callable[[str], str] = lambda token: ""
    on_secret: Callable[[str], None] = lambda secret: None
    cache: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


def credentials(core: Any, identity: WebIdentity) -> Any:
    """Return credentials of the role that renew themselves.

    core is a botocore session; its own credentials are not used. When they are needed and AWS does not
    issue them, they raise AuthenticationError.
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
            identity.on_secret(issued[name])
        return issued

    return DeferredRefreshableCredentials(fetch, "assume-role-with-web-identity")


def _refused(error: Any, identity: WebIdentity, token: str) -> AuthenticationError:
    answer = error.response.get("Error", {})
    code, message = str(answer.get("Code", "Unknown")), str(answer.get("Message", ""))
    # STS may quote the token that it received.
    lines = [f"{code}: {message}".replace(token, "…") if token else code]
    if claims := identity.claims(token):
        lines.append(f"the token's claims: {claims}")
    remedy = _REMEDIES.get(code, "check the role and its trust policy")
    return AuthenticationError(
        f"AWS refused sts:AssumeRoleWithWebIdentity for {identity.role}", why="\n".join(lines), remedy=remedy
    )


def get(url: str, headers: Mapping[str, str], timeout: float = 10.0) -> tuple[int, bytes]:
    """Return status and body of a GET, by the SDK's own HTTP client, which knows proxies and certificates.

    Raises OSError where there is no answer.
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
