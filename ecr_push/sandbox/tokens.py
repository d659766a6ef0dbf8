"""Registry passwords that expire, as GetAuthorizationToken issues them."""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ecr_push.sandbox.identity import CallerIdentity

USER = "AWS"
DEFAULT_LIFE = 12 * 60 * 60.0
# The API reference: "Its size is not fixed". Real ones are long enough to exceed limits of clients.
_PASSWORD_BYTES = 1_350
_FORGET_AFTER = 24 * 60 * 60.0

# private and public are issued by their control planes; bearer is what ECR Public's token endpoint returns
# for a public one, anonymous what it returns to a client without credentials.
TokenKind = Literal["private", "public", "bearer", "anonymous"]
Standing = Literal["valid", "expired", "unknown"]


@dataclass(frozen=True)
class Token:
    """A password for the user AWS. expires_at: seconds since the epoch."""

    password: str
    expires_at: float

    @property
    def authorization(self) -> str:
        """The API's `authorizationToken`: base64 of user and password, as Basic authentication takes it."""
        return base64.b64encode(f"{USER}:{self.password}".encode()).decode()


class Tokens:
    """All tokens of one sandbox; they do not outlive it. life: the default of issue's ttl_seconds."""

    def __init__(self, clock: Callable[[], float], life: float = DEFAULT_LIFE) -> None:
        self.life = life
        self._clock = clock
        self._lock = threading.Lock()
        self._expiries: dict[tuple[TokenKind, str], float] = {}
        self._holders: dict[tuple[TokenKind, str], CallerIdentity] = {}

    def issue(
        self,
        account: str,
        kind: TokenKind,
        ttl_seconds: float | None = None,
        holder: CallerIdentity | None = None,
    ) -> Token:
        """Issues a new token. account is in the password only for the reader, as in ECR's own.

        holder: the caller whose permissions it has; None for all.
        """
        now = self._clock()
        password = f"sandbox-{account}-{secrets.token_urlsafe(_PASSWORD_BYTES)}"
        token = Token(password, now + (self.life if ttl_seconds is None else ttl_seconds))
        with self._lock:
            for key in [key for key, expiry in self._expiries.items() if expiry < now - _FORGET_AFTER]:
                del self._expiries[key]
                self._holders.pop(key, None)
            self._expiries[kind, password] = token.expires_at
            if holder:
                self._holders[kind, password] = holder
        return token

    def holder(self, password: str) -> CallerIdentity | None:
        """Returns whose token it is, of any kind; None for one that is not bound to a caller."""
        with self._lock:
            return next((who for (_, of), who in self._holders.items() if of == password), None)

    def check(self, user: str, password: str, kind: TokenKind) -> Standing:
        """Returns whether a client's credentials are valid."""
        with self._lock:
            expiry = self._expiries.get((kind, password)) if user == USER else None
        if expiry is None:
            return "unknown"
        return "valid" if self._clock() < expiry else "expired"
