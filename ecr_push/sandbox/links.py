"""Download links as GetDownloadUrlForLayer gives them: without credentials, signed, valid for an hour."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

PATH = "/download/"
LIFE = 60 * 60.0


class DownloadLinks:
    """Each sandbox has a new random key, so that no link outlives it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)

    def url(self, host: str, digest: str) -> str:
        """Returns a link, valid for an hour. The caller has checked that the repository has the blob."""
        expires = str(int(self._clock() + LIFE))
        query = urlencode({"expires": expires, "signature": self._sign(digest, expires)})
        return f"http://{host}{PATH}{digest}?{query}"

    def allows(self, digest: str, query: Mapping[str, str]) -> bool:
        """Whether a request for this digest has a valid signature that has not expired."""
        expires = query.get("expires", "")
        good = hmac.compare_digest(self._sign(digest, expires).encode(), query.get("signature", "").encode())
        return good and self._clock() < float(expires)

    def _sign(self, digest: str, expires: str) -> str:
        return hmac.new(self._key, f"{digest}\n{expires}".encode(), hashlib.sha256).hexdigest()
