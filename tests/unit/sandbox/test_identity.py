"""AssumeRoleWithWebIdentity: whose token, for whom, and until when."""

from __future__ import annotations

import base64
import json

import pytest

from ecr_push.sandbox.identity import Claims, Identities
from ecr_push.sandbox.model import EcrError

NOW = 1_000_000.0
ROLE = "arn:aws:iam::123456789012:role/ci/push"


def token(**claims: object) -> str:
    usual = {
        "iss": "https://issuer.example",
        "sub": "repo:acme/app",
        "aud": "sts.amazonaws.com",
        "exp": NOW + 1,
    }
    payload = base64.urlsafe_b64encode(json.dumps({**usual, **claims}).encode()).decode().rstrip("=")
    return f"e30.{payload}.x"


def assume(jwt: str, role: str = ROLE) -> str:
    identities = Identities("123456789012", "eu-west-1", lambda: NOW)
    session = identities.assume_with_token(Claims.of(jwt), role, "ecr-push-1", 900)
    assert session.expires_at == NOW + 900
    return session.identity.arn


def test_a_token_opens_a_session_of_the_role() -> None:
    assert assume(token()) == "arn:aws:sts::123456789012:assumed-role/push/ecr-push-1"


@pytest.mark.parametrize(
    ("jwt", "role", "code", "status"),
    [
        (token(aud="https://github.com/acme"), ROLE, "InvalidIdentityToken", 400),
        (token(exp=NOW), ROLE, "ExpiredTokenException", 400),
        (token(), "arn:aws:iam::999999999999:role/push", "AccessDenied", 403),
        (token(), "arn:aws:iam::123456789012:user/push", "AccessDenied", 403),
        (token(exp="soon"), ROLE, "InvalidIdentityToken", 400),
        ("no-token", ROLE, "InvalidIdentityToken", 400),
        ("a.bm8ganNvbg.c", ROLE, "InvalidIdentityToken", 400),
    ],
)
def test_tokens_that_sts_refuses(jwt: str, role: str, code: str, status: int) -> None:
    with pytest.raises(EcrError) as refused:
        assume(jwt, role)
    assert (refused.value.code, refused.value.http_status) == (code, status)
