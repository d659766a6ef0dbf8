"""Download links as GetDownloadUrlForLayer gives them: no credentials, but signed and soon expired."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

PATH = "/download/"
LIFE = 60 * 60.0


class DownloadLinks:
    """The key is drawn anew with each sandbox: no link outlives it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)

    def url(self, host: str, digest: str) -> str:
        """A link to this blob, good for an hour. The caller has seen that the repository has it."""
        expires = str(int(self._clock() + LIFE))
        query = urlencode({"expires": expires, "signature": self._sign(digest, expires)})
        return f"http://{host}{PATH}{digest}?{query}"

    def allows(self, digest: str, query: Mapping[str, str]) -> bool:
        """Whether a request for this digest carries a signature of ours that still holds."""
        expires = query.get("expires", "")
        good = hmac.compare_digest(self._sign(digest, expires).encode(), query.get("signature", "").encode())
        return good and self._clock() < float(expires)

    def _sign(self, digest: str, expires: str) -> str:
        return hmac.new(self._key, f"{digest}\n{expires}".encode(), hashlib.sha256).hexdigest()
