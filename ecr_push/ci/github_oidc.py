"""Gets the OIDC token of a job from GitHub, and reads what it claims.

https://docs.github.com/actions/reference/security/oidc
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from ecr_push.base.errors import AuthenticationError
from ecr_push.base.parse import read_json
from ecr_push.ci.facts import Environ, HttpGet

# The audience that the account's OIDC provider expects, by the partition of the role.
# https://github.com/aws-actions/configure-aws-credentials#oidc-audience
# https://github.com/aws-actions/configure-aws-credentials/issues/457
AUDIENCE = "sts.amazonaws.com"
_AUDIENCES = {"aws-cn": "sts.amazonaws.com.cn"}
ATTEMPTS = 4
PAUSE_SECONDS = 1.0


def audience_of(role: str) -> str:
    """The audience of a token for a role: the STS of its partition."""
    return _AUDIENCES.get(role.split(":")[1], AUDIENCE)


def request_token(
    environ: Environ, get: HttpGet, sleep: Callable[[float], None], audience: str = AUDIENCE
) -> str:
    """A token for AWS, valid for some minutes. Raises AuthenticationError with what to fix."""
    url = environ.get("ACTIONS_ID_TOKEN_REQUEST_URL", "")
    bearer = environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "")
    if not url or not bearer:
        raise AuthenticationError(
            "this job cannot get an OIDC token from GitHub",
            why="ACTIONS_ID_TOKEN_REQUEST_URL is not set",
            remedy="give the job `permissions: id-token: write` and `contents: read`; "
            "a pull request from a fork never gets it",
        )
    url += f"{'&' if '?' in url else '?'}audience={quote(audience)}"
    why = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            sleep(PAUSE_SECONDS * 2 ** (attempt - 1))
        try:
            status, body = get(url, {"Authorization": f"Bearer {bearer}", "Accept": "application/json"})
        except OSError as error:
            why = f"{urlsplit(url).hostname} did not answer: {' '.join(str(error).split())}"
            continue
        if status == 200 and (token := _token(body)):
            return token
        why = f"{urlsplit(url).hostname} answered HTTP {status}" + (
            " without a token" if status == 200 else ""
        )
        if 400 <= status < 500 and status != 429:
            break
    raise AuthenticationError(
        "could not get an OIDC token from GitHub",
        why=why,
        remedy="run again; if it fails again, check https://www.githubstatus.com and the runner's proxy",
    )


def claims(token: str) -> str:
    """What the token claims, in words: what a role's trust policy has to match. Not a secret."""
    try:
        payload = token.split(".")[1]
        found = read_json(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return ", ".join(f"{name} {found[name]}" for name in ("iss", "sub", "aud") if name in found)
    except (ValueError, IndexError, TypeError):
        return ""


def _token(body: bytes) -> str:
    try:
        answer = read_json(body)
    except ValueError:
        return ""
    value = answer.get("value") if isinstance(answer, dict) else None
    return value if isinstance(value, str) else ""
