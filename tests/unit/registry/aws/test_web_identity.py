"""A role for a token: botocore's own credentials over an STS of the test's own."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ecr_push.base.errors import AuthenticationError
from ecr_push.registry.aws.web_identity import WebIdentity, credentials

ROLE = "arn:aws:iam::123456789012:role/push-team-app"


class Sts:
    """Gives credentials for `life`, and remembers with which token."""

    def __init__(self, life: timedelta = timedelta(hours=1), error: str = "", message: str = "no") -> None:
        self.life = life
        self.error = error
        self.message = message
        self.asked: list[dict[str, str]] = []
        self.signed: list[object] = []

    def create_client(self, service: str, config: Any) -> Sts:
        assert service == "sts"
        self.signed.append(config.signature_version)
        return self

    def assume_role_with_web_identity(self, **asked: str) -> dict[str, Any]:
        self.asked.append(asked)
        if self.error:
            answer = {"Error": {"Code": self.error, "Message": self.message}}
            raise ClientError(answer, "AssumeRoleWithWebIdentity")  # type: ignore[arg-type]
        return {
            "Credentials": {
                "AccessKeyId": f"ASIA{len(self.asked)}",
                "SecretAccessKey": "secret",
                "SessionToken": "session",
                "Expiration": datetime.now(timezone.utc) + self.life,
            },
            "AssumedRoleUser": {"Arn": ROLE, "AssumedRoleId": "AROA:x"},
        }


def identity(**more: Any) -> WebIdentity:
    numbers = iter(range(1, 99))
    return WebIdentity(ROLE, "ecr-push-987-1", lambda: f"token-{next(numbers)}", **more)


def test_the_role_is_assumed_with_the_token_and_with_no_other_credentials() -> None:
    from botocore import UNSIGNED

    sts = Sts()
    assert credentials(sts, identity()).get_frozen_credentials().access_key == "ASIA1"
    assert sts.asked == [
        {"RoleArn": ROLE, "RoleSessionName": "ecr-push-987-1", "WebIdentityToken": "token-1"}
    ]
    assert sts.signed == [UNSIGNED]


def test_what_was_issued_is_kept_out_of_every_text() -> None:
    kept: list[str] = []
    credentials(Sts(), identity(on_secret=kept.append)).get_frozen_credentials()
    assert kept == ["secret", "session"]


def test_aws_is_not_asked_before_credentials_are_needed() -> None:
    sts = Sts()
    credentials(sts, identity())
    assert not sts.asked


def test_credentials_that_run_out_are_renewed_with_a_new_token() -> None:
    """A build may outlive both: the token lives for minutes, the session for an hour."""
    sts = Sts(life=timedelta(minutes=1))
    found = credentials(sts, identity())
    found.get_frozen_credentials()
    found.get_frozen_credentials()
    assert [one["WebIdentityToken"] for one in sts.asked] == ["token-1", "token-2"]


def test_the_clients_of_a_run_share_what_was_issued() -> None:
    sts, same = Sts(), identity()
    assert {credentials(sts, same).get_frozen_credentials().access_key for _ in range(3)} == {"ASIA1"}
    assert len(sts.asked) == 1


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("AccessDenied", "trust policy"),
        ("InvalidIdentityToken", "OIDC provider"),
        ("IDPCommunicationError", "run again"),
        ("Strange", "check the role"),
    ],
)
def test_a_refusal_says_who_asked_and_what_to_fix(code: str, remedy: str) -> None:
    sts = Sts(error=code, message="Not authorized (token-1)")
    who = identity(claims=lambda token: f"sub repo:acme/app by {token[:5]}")
    with pytest.raises(AuthenticationError) as raised:
        credentials(sts, who).get_frozen_credentials()
    error = raised.value
    assert error.what == f"AWS refused sts:AssumeRoleWithWebIdentity for {ROLE}"
    assert error.why.splitlines() == [
        f"{code}: Not authorized (…)",
        "the token's claims: sub repo:acme/app by token",
    ]
    assert remedy in error.remedy


def test_a_token_that_the_ci_does_not_issue_is_its_own_error() -> None:
    def none() -> str:
        raise AuthenticationError("this job cannot get an OIDC token from GitHub")

    with pytest.raises(AuthenticationError, match="this job cannot get an OIDC token"):
        credentials(Sts(), WebIdentity(ROLE, "x", none)).get_frozen_credentials()
