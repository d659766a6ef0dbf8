"""What a registry asks for before it gives anything: nothing, a password, or a token from its token server.

https://distribution.github.io/distribution/spec/auth/token/
https://distribution.github.io/distribution/spec/auth/oauth/
"""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from ecr_push.base.clock import Clock
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import AuthenticationError, RegistryError
from ecr_push.base.reference import Registry, Repository
from ecr_push.base.regex import lazy_regex
from ecr_push.base.shape import OddValueError, member, optional_text
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.layer_api import TransferError, UnreachableError
from ecr_push.registry.wire import PATIENT, Answer, Patience, Wire

# What a token is good for where its server does not say: 60 s, by the page above.
_SECONDS = 60.0
_MARGIN = 10.0
_MOST_SECONDS = 24 * 60 * 60
_MOST_BYTES = 1024 * 1024
_PART = lazy_regex(r'([A-Za-z]+)="([^"]*)"')


@dataclass(frozen=True, repr=False)
class Password:
    """A login that the user's Docker configuration has for a registry. There is no repr: it would show it.

    username: `<token>` if secret is an identity token, which is exchanged for tokens.
    """

    username: str
    secret: str


FindPassword = Callable[[str], "Password | None"]


@dataclass(frozen=True)
class Ticket:
    """What an Authorization header says; "" for a registry that asks for none. until: by the clock."""

    authorization: str = field(default="", repr=False)
    until: float = float("inf")


@dataclass(frozen=True)
class _Challenge:
    """A WWW-Authenticate header. realm: the token server's URL."""

    scheme: str = ""
    realm: str = ""
    service: str = ""


class Tickets:
    """The tickets for pulls from one repository. Thread-safe.

    find_password: what the user's Docker configuration has for a host.
    on_secret:     called with each password and token before its first use.
    """

    def __init__(
        self,
        repository: Repository,
        find_password: FindPassword,
        clock: Clock,
        on_secret: Callable[[str], None],
        authorities: Callable[[], str],
        patience: Patience = PATIENT,
    ) -> None:
        self._repository = repository
        self._find_password = find_password
        self._clock = clock
        self._on_secret = on_secret
        self._lock = threading.Lock()
        self._challenge: _Challenge | None = None
        self._ticket: Ticket | None = None
        self._wire = Wire(lambda: repository, Ticket, lambda refused: None, "", authorities, patience)

    def current(self) -> Ticket:
        """Raises RegistryError."""
        with self._lock:
            if self._ticket is None or self._clock.monotonic() > self._ticket.until:
                self._ticket = self._new()
            return self._ticket

    def renew(self, refused: Ticket) -> None:
        """Gets another ticket in place of one that the registry refused, unless that was done already."""
        with self._lock:
            if self._ticket is refused:
                self._ticket = self._new()

    def _new(self) -> Ticket:
        if self._challenge is None:
            self._challenge = self._ask()
        if self._challenge.scheme == "bearer":
            return self._from_server(self._challenge)
        if self._challenge.scheme == "basic":
            password = self._password()
            if password is None:
                raise self._not_logged_in("it asks for a user name and a password")
            return Ticket(f"Basic {_encoded(password)}")
        return Ticket()

    def _ask(self) -> _Challenge:
        """What the registry says to a request without a login: the specification's "API version check"."""
        try:
            with self._wire.asked("GET", "/v2/", (200, 401), patient=True) as answer:
                said = answer.header("WWW-Authenticate")
                found = _read_challenge(said) if answer.status == 401 else _Challenge()
        except TransferError as error:
            host = self._repository.registry.host
            raise (RegistryError if error.status else UnreachableError)(
                f"{host} cannot be asked for images",
                why=f"{error.what}: {error.why}" if error.why else error.what,
                remedy="check the host, and the proxies between this machine and it",
            ) from error
        if found.scheme == "bearer" and not self._may_ask(found.realm):
            raise self._not_logged_in(f"its token server is at {found.realm[:100]!r}, which is not HTTPS")
        return found

    def _may_ask(self, realm: str) -> bool:
        """Whether a token server may be asked. Its address is the registry's word, and the registry gets the
        token: another one must not lead us to what answers on this machine alone."""
        try:
            server = urlsplit(realm)
        except ValueError:
            return False
        is_local = self._repository.registry.kind == "local"
        return server.scheme == "https" or (is_local and _is_on_this_machine(server.hostname))

    def _from_server(self, challenge: _Challenge, *, with_login: bool = True) -> Ticket:
        password = self._password() if with_login else None
        asked = {"service": challenge.service, "scope": f"repository:{self._repository.name}:pull"}
        asked = {name: value for name, value in asked.items() if value}
        try:
            with self._ask_server(challenge.realm, asked, password) as answer:
                content = answer.read_at_most(_MOST_BYTES)
        except TransferError as error:
            if error.status not in (400, 401, 403):
                raise
            if password:  # of a login that has ended, which a public image does not need
                return self._from_server(challenge, with_login=False)
            raise self._not_logged_in(f"{error.what}: {error.why}") from error
        with answer_to(f"GET {urljoin(challenge.realm, '/')}"):
            token, seconds = _read_token(content)
        self._on_secret(token)
        return Ticket(f"Bearer {token}", self._clock.monotonic() + max(1.0, seconds - _MARGIN))

    def _ask_server(
        self, realm: str, asked: Mapping[str, str], password: Password | None
    ) -> AbstractContextManager[Answer]:
        if password and password.username == "<token>":
            grant = {"grant_type": "refresh_token", "client_id": "ecr-push", "refresh_token": password.secret}
            form = urlencode({**grant, **asked}).encode()
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "Content-Length": str(len(form)),
            }
            return self._wire.asked("POST", realm, (200,), headers, body=io.BytesIO(form))
        url = f"{realm}{'&' if '?' in realm else '?'}{urlencode(asked)}"
        headers = {"Authorization": f"Basic {_encoded(password)}"} if password else {}
        return self._wire.asked("GET", url, (200,), headers, patient=True)

    def _password(self) -> Password | None:
        found = self._find_password(self._repository.registry.host)
        if found:
            self._on_secret(found.secret)
            self._on_secret(_encoded(found))
        return found

    def _not_logged_in(self, why: str) -> AuthenticationError:
        host = self._repository.registry.host
        return AuthenticationError(
            f"{self._repository} cannot be read",
            why=why,
            remedy=f"check its name; if it is private, log in with `docker login {host}`",
        )


def _read_challenge(header: str) -> _Challenge:
    scheme, _, rest = header.strip().partition(" ")
    parts = {name.lower(): value for name, value in _PART.findall(rest)}
    return _Challenge(scheme.lower(), parts.get("realm", ""), parts.get("service", ""))


def _read_token(content: bytes) -> tuple[str, float]:
    """The token, and the seconds that it is good for."""
    try:
        answer: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise OddValueError("", "is not valid JSON") from error
    token = optional_text(answer, "token") or optional_text(answer, "access_token")
    if not token or not token.isascii() or not token.isprintable():
        raise OddValueError("token", "is missing, or not a token")
    seconds = member(answer, "expires_in")
    return token, float(min(seconds, _MOST_SECONDS)) if type(seconds) is int and seconds > 0 else _SECONDS


def _encoded(password: Password) -> str:
    return base64.b64encode(f"{password.username}:{password.secret}".encode()).decode()


def _is_on_this_machine(host: str | None) -> bool:
    try:
        return Registry.parse(host or "").kind == "local"
    except ValueError:
        return False
