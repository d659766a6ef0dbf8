"""Who may steer the sandbox, and under which names it answers."""

from __future__ import annotations

import pytest
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from ecr_push.sandbox.access import SteeringAccess, foreign_host, from_same_user, new_token

HOST = "127.0.0.1:5000"
SECRET = {"Authorization": "Bearer the-secret"}


def request(host: str = HOST, **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    builder = EnvironBuilder(method="PUT", path="/_sandbox/scenario", headers=named)
    return Request({**builder.get_environ(), "HTTP_HOST": host})


@pytest.mark.parametrize("host", [HOST, "localhost:5000"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_the_secret_steers_under_the_sandboxes_own_names(host: str, scheme: str) -> None:
    access = SteeringAccess("the-secret", HOST)
    assert access.problem(request(host, Authorization=f"{scheme} the-secret")) == ""


@pytest.mark.parametrize(
    "host",
    ["", "127.0.0.1", "127.0.0.1:5001", "localhost", "registry.example:5000", "127.0.0.1:5000.example"],
)
def test_the_secret_under_another_host_does_not(host: str) -> None:
    assert "under the host 127.0.0.1:5000" in SteeringAccess("the-secret", HOST).problem(
        request(host, **SECRET)
    )


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer other",
        "Bearer the-secret2",
        "Basic the-secret",
        "the-secret",
        "Bearer ä",
    ],
)
def test_without_the_secret_no_one_steers(authorization: str) -> None:
    access = SteeringAccess("the-secret", HOST)
    said = access.problem(request(Authorization=authorization) if authorization else request())
    assert 'send the header "Authorization: Bearer $ECR_SANDBOX_TOKEN"' in said
    assert "the-secret" not in said


def test_a_program_of_the_same_user_needs_no_secret_but_its_browser_does() -> None:
    mine, other = (SteeringAccess("the-secret", HOST, lambda _, own=own: own) for own in (True, False))
    assert mine.problem(request()) == ""
    assert other.problem(request())
    for header in ("Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode"):
        assert mine.problem(request(**{header.replace("-", "_"): "null"})), header
    assert mine.problem(request("registry.example:5000"))  # DNS rebinding
    assert mine.problem(request(Authorization="Bearer wrong")), "a wrong secret is never overlooked"


def test_a_connection_that_the_kernel_does_not_know_is_not_the_same_user() -> None:
    asked = request()
    assert not from_same_user(asked)  # no port at all
    asked.environ.update(REMOTE_ADDR="127.0.0.1", REMOTE_PORT="1", SERVER_PORT="2")
    assert not from_same_user(asked)
    asked.environ.update(REMOTE_ADDR="not an address")
    assert not from_same_user(asked)


@pytest.mark.parametrize(
    ("host", "foreign"),
    [
        ("", False),
        (HOST, False),
        ("localhost:5000", False),
        ("LOCALHOST", False),
        ("registry.localhost:5000", False),
        ("127.1.2.3", False),
        ("[::1]:5000", False),
        ("registry.example", True),
        ("registry.example:5000", True),
        ("127.0.0.1.example:5000", True),
        ("localhost.example", True),
        ("10.0.0.1:5000", True),
        ("0.0.0.0:5000", True),
    ],
)
def test_names_of_other_machines_are_foreign(host: str, foreign: bool) -> None:
    assert foreign_host(request(host)) == (host if foreign else None)


def test_each_secret_is_new_and_safe_in_a_shell() -> None:
    first, second = new_token(), new_token()
    assert first != second
    assert len(first) >= 40 and first.replace("-", "").replace("_", "").isalnum()
