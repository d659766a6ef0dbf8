"""A client of the data plane over real sockets, one connection each."""

from __future__ import annotations

import http.client
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from ecr_push.sandbox.server import Sandbox


class Client:
    """Speaks to one host over one kept-alive connection."""

    def __init__(self, host: str, authorization: str = "") -> None:
        self._headers = {"Authorization": f"Basic {authorization}"} if authorization else {}
        self.connection = http.client.HTTPConnection(host, timeout=60)

    @classmethod
    def of(cls, sandbox: Sandbox) -> Client:
        """With a token that the sandbox issued."""
        token = sandbox.tokens.issue(sandbox.options.account, "private")
        return cls(sandbox.host, token.authorization)

    def send(
        self, method: str, url: str, body: bytes | Iterable[bytes] | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer. An iterable body is sent in chunked coding."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        chunked = body is not None and not isinstance(body, bytes)
        more: dict[str, Any] = {"Transfer-Encoding": "chunked"} if chunked else {}
        for name, value in headers.items():
            more[name.replace("_", "-")] = value
        self.connection.request(method, target, body, {**self._headers, **more}, encode_chunked=chunked)
        response = self.connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()

    def start_upload(self, repository: str = "app") -> str:
        status, headers, _ = self.send("POST", f"/v2/{repository}/blobs/uploads/")
        assert status == 202
        return headers["Location"]

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
