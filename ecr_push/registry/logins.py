"""The tokens of a registry, each in time before the last one expires."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from ecr_push.base.clock import Clock
from ecr_push.base.shape import OddValueError
from ecr_push.registry.interface import Login

# A push that begins with a token which is about to expire fails half-way.
TOKEN_MARGIN = timedelta(minutes=5)


class Logins:
    """Returns the current login and gets a new one shortly before it expires. Thread-safe."""

    def __init__(self, ask: Callable[[], Login], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._login: Login | None = None

    def current(self) -> Login:
        with self._lock:
            if self._login is None or self._login.expires_at - self._clock.now() < TOKEN_MARGIN:
                self._login = self._ask()
            return self._login

    def renew(self, refused: Login) -> None:
        """Gets a new login in place of one that the registry refused, unless that was done already."""
        with self._lock:
            if self._login is refused:
                self._login = self._ask()


def read_login(token: str, expires_at: datetime, host: str) -> Login:
    """Decode an authorization token, which is base64 of `AWS:PASSWORD`, into the login for docker.

    Raises OddValueError, which does not quote it.
    """
    try:
        username, _, password = base64.b64decode(token, validate=True).decode().partition(":")
    except ValueError:
        username = password = ""
    if not (username and password and (username + password).isprintable()):
        raise OddValueError("authorizationToken", "is not base64 of a user name and a password")
    return Login(host, username, password, expires_at)
