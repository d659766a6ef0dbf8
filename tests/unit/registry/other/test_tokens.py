"""What a registry asks for, and what is sent to whom; over HTTP in tests/integration/test_copies.py."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.errors import AuthenticationError, EcrPushError, RegistryError
from ecr_push.base.reference import Registry, Repository
from ecr_push.registry.layer_api import TransferError
from ecr_push.registry.other.tokens import Password, Tickets
from tests.support.fakes import FakeClock

REPOSITORY = Repository(Registry("ghcr.io", "other"), "acme/tool")
BEARER = 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="ignored"'


class Answer:
    def __init__(self, status: int, content: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.status, self._content, self._headers = status, content, headers or {}

    def header(self, name: str) -> str:
        return self._headers.get(name, "")

    def read_at_most(self, most: int) -> bytes:
        return self._content


class FakeWire:
    """Answers /v2/ with a challenge, and the token server's address with what it was made with."""

    def __init__(self, challenge: str, *answers: bytes | int) -> None:
        self.challenge, self.answers = challenge, list(answers)
        self.asked_for: list[tuple[str, str, Mapping[str, str], str]] = []

    @contextmanager
    def asked(
        self,
        method: str,
        path: str,
        expected: tuple[int, ...],
        headers: Mapping[str, str] | None = None,
        *,
        body: io.BytesIO | None = None,
        patient: bool = False,
    ) -> Iterator[Answer]:
        if path == "/v2/":
            yield Answer(401 if self.challenge else 200, b"", {"WWW-Authenticate": self.challenge})
            return
        self.asked_for.append((method, path, headers or {}, body.read().decode() if body else ""))
        found = self.answers.pop(0)
        if isinstance(found, int):
            raise TransferError("it was refused", status=found)
        yield Answer(200, found)


def tickets(wire: FakeWire, password: Password | None = None, clock: FakeClock | None = None) -> Tickets:
    made = Tickets(REPOSITORY, lambda host: password, clock or FakeClock(), secrets.append, str)
    made._wire = wire  # type: ignore[assignment]
    return made


secrets: list[str] = []


def token(name: str, seconds: object = 300) -> bytes:
    return json.dumps({"token": name, "expires_in": seconds}).encode()


def test_a_registry_that_asks_for_nothing_gets_nothing() -> None:
    assert tickets(FakeWire("")).current().authorization == ""


def test_without_a_login_the_token_server_is_asked_without() -> None:
    wire = FakeWire(BEARER, token("abc"))
    assert tickets(wire).current().authorization == "Bearer abc"
    [(method, url, headers, _)] = wire.asked_for
    assert (method, headers) == ("GET", {})
    assert url == "https://ghcr.io/token?service=ghcr.io&scope=repository%3Aacme%2Ftool%3Apull"
    assert "abc" in secrets


def test_with_a_login_it_goes_to_the_token_server_alone() -> None:
    wire = FakeWire(BEARER, token("abc"))
    tickets(wire, Password("me", "secret")).current()
    basic = base64.b64encode(b"me:secret").decode()
    assert wire.asked_for[0][2] == {"Authorization": f"Basic {basic}"}
    assert {"secret", basic} <= set(secrets)


def test_an_identity_token_is_exchanged() -> None:
    wire = FakeWire(BEARER, b'{"access_token": "abc"}')
    assert tickets(wire, Password("<token>", "long")).current().authorization == "Bearer abc"
    method, url, _, body = wire.asked_for[0]
    assert (method, url) == ("POST", "https://ghcr.io/token")
    assert "grant_type=refresh_token" in body and "refresh_token=long" in body


def test_a_login_that_has_ended_does_not_hold_up_a_public_image() -> None:
    wire = FakeWire(BEARER, 401, token("anonymous"))
    assert tickets(wire, Password("me", "old")).current().authorization == "Bearer anonymous"
    assert wire.asked_for[1][2] == {}


def test_a_private_image_without_a_login_is_an_error_with_the_command() -> None:
    with pytest.raises(AuthenticationError) as raised:
        tickets(FakeWire(BEARER, 403)).current()
    assert raised.value.what == "ghcr.io/acme/tool cannot be read"
    assert "docker login ghcr.io" in raised.value.remedy


def test_basic_needs_a_login() -> None:
    found = tickets(FakeWire('Basic realm="x"'), Password("me", "secret")).current()
    assert found.authorization == f"Basic {base64.b64encode(b'me:secret').decode()}"
    with pytest.raises(AuthenticationError):
        tickets(FakeWire('Basic realm="x"')).current()


@pytest.mark.parametrize(
    "realm",
    [
        "http://ghcr.io/token",
        "ftp://ghcr.io",
        "",
        "http://127.0.0.1.example/",
        "https://[",
        "http://127.0.0.1/",
    ],
)
def test_a_login_is_not_sent_in_clear_nor_is_this_machine_asked_for_a_registry_elsewhere(realm: str) -> None:
    wire = FakeWire(f'Bearer realm="{realm}"', token("abc"))
    with pytest.raises(AuthenticationError, match="cannot be read"):
        tickets(wire, Password("me", "secret")).current()
    assert wire.asked_for == []


def test_a_token_is_replaced_when_it_ends_or_is_refused() -> None:
    clock = FakeClock()
    wire = FakeWire(BEARER, token("one"), token("two"), token("three"))
    made = tickets(wire, clock=clock)
    first = made.current()
    assert made.current() is first
    clock.seconds = 295
    second = made.current()
    assert second.authorization == "Bearer two"
    made.renew(first)  # another thread has replaced it already
    assert made.current() is second
    made.renew(second)
    assert made.current().authorization == "Bearer three"


def test_a_registry_on_this_machine_may_have_its_token_server_there() -> None:
    wire = FakeWire('Bearer realm="http://127.0.0.1:5001/token"', token("abc"))
    made = Tickets(
        Repository(Registry("localhost:5000", "local"), "os"), lambda host: None, FakeClock(), print, str
    )
    made._wire = wire  # type: ignore[assignment]
    assert made.current().authorization == "Bearer abc"


@pytest.mark.parametrize(
    ("content", "fails"),
    [
        (b"[" * 100_000, True),
        (token("abc", 10**400), False),
        (token("abc", -1), False),
        (b'{"token": 1}', True),
    ],
)
def test_an_odd_answer_of_the_token_server_is_an_error_of_its(content: bytes, fails: bool) -> None:
    with pytest.raises(RegistryError) if fails else nullcontext():
        assert tickets(FakeWire(BEARER, content)).current().authorization == "Bearer abc"


@given(
    content=st.binary(max_size=60)
    | st.dictionaries(st.text(), st.text()).map(lambda x: json.dumps(x).encode())
)
def test_whatever_the_token_server_answers_is_a_token_or_an_error_of_ours(content: bytes) -> None:
    try:
        found: Any = tickets(FakeWire(BEARER, content)).current()
    except EcrPushError as error:
        assert isinstance(error, RegistryError)
    else:
        assert found.authorization.isprintable()


@given(header=st.text(max_size=80))
def test_whatever_a_challenge_says(header: str) -> None:
    try:
        tickets(FakeWire(header, token("abc"))).current()
    except EcrPushError as error:
        assert isinstance(error, RegistryError)
