"""Asking GitHub for a token: what is sent, what is tried again, and what is said when there is none."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

import pytest

from ecr_push.base.errors import AuthenticationError
from ecr_push.ci.github_oidc import ATTEMPTS, audience_of, claims, request_token
from tests.support.fakes import FakeClock

JOB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://pipelines.example/token?api-version=2.0",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "bearer-of-the-job",
}
GOOD = (200, json.dumps({"value": "a.b.c", "count": 1}).encode())


class Endpoint:
    def __init__(self, *answers: tuple[int, bytes] | OSError) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    def get(self, url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        self.asked.append((url, headers))
        answer = self.answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer


def test_a_token_for_aws_is_asked_for() -> None:
    endpoint = Endpoint(GOOD)
    assert request_token(JOB, endpoint.get, FakeClock().sleep) == "a.b.c"
    [(url, headers)] = endpoint.asked
    assert url == "https://pipelines.example/token?api-version=2.0&audience=sts.amazonaws.com"
    assert headers["Authorization"] == "Bearer bearer-of-the-job"


@pytest.mark.parametrize(
    ("partition", "audience"),
    [("aws", "sts.amazonaws.com"), ("aws-us-gov", "sts.amazonaws.com"), ("aws-cn", "sts.amazonaws.com.cn")],
)
def test_the_token_is_for_the_sts_of_the_roles_partition(partition: str, audience: str) -> None:
    endpoint = Endpoint(GOOD)
    role = f"arn:{partition}:iam::123456789012:role/push"
    request_token(JOB, endpoint.get, FakeClock().sleep, audience_of(role))
    [(url, _)] = endpoint.asked
    assert url.endswith(f"&audience={audience}")


@pytest.mark.parametrize(
    "fault", [(500, b""), (429, b""), (502, b"<html>"), OSError("connection reset"), (200, b"[]")]
)
def test_a_passing_fault_is_waited_out(fault: tuple[int, bytes] | OSError) -> None:
    clock = FakeClock()
    assert request_token(JOB, Endpoint(fault, fault, GOOD).get, clock.sleep) == "a.b.c"
    assert clock.seconds == 3.0


@pytest.mark.parametrize(
    ("answers", "asked", "why"),
    [
        ([(403, b"")], 1, "pipelines.example answered HTTP 403"),
        ([(503, b"")] * ATTEMPTS, ATTEMPTS, "pipelines.example answered HTTP 503"),
        ([(200, b"{}")] * ATTEMPTS, ATTEMPTS, "pipelines.example answered HTTP 200 without a token"),
        ([OSError("no\nroute")] * ATTEMPTS, ATTEMPTS, "pipelines.example did not answer: no route"),
    ],
)
def test_no_token_says_why(answers: list[tuple[int, bytes] | OSError], asked: int, why: str) -> None:
    endpoint = Endpoint(*answers)
    with pytest.raises(AuthenticationError) as raised:
        request_token(JOB, endpoint.get, FakeClock().sleep)
    assert raised.value.why == why
    assert len(endpoint.asked) == asked
    assert "bearer-of-the-job" not in str(raised.value)


@pytest.mark.parametrize("missing", JOB)
def test_without_the_permission_the_error_says_how_to_grant_it(missing: str) -> None:
    with pytest.raises(AuthenticationError) as raised:
        request_token({**JOB, missing: ""}, Endpoint().get, FakeClock().sleep)
    assert "`permissions: id-token: write`" in raised.value.remedy


def token(**payload: str) -> str:
    return f"x.{base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip('=')}.signature"


def test_claims_are_said_and_the_signature_is_not() -> None:
    said = claims(token(iss="https://token.example", sub="repo:acme/app:pull_request", aud="sts", jti="1"))
    assert said == "iss https://token.example, sub repo:acme/app:pull_request, aud sts"


@pytest.mark.parametrize("odd", ["", "a.b", "a.e30.c", "a.bnVsbA.c", "a.!!.c"])
def test_what_is_not_a_token_has_no_claims(odd: str) -> None:
    assert claims(odd) == ""
