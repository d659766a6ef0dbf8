"""GitHub's OIDC endpoint of a job, as far as a client sees it: a bearer token in, a JWT out."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BEARER = "the-jobs-own-bearer-token"


class OidcEndpoint:
    """Serves on 127.0.0.1. failures: the statuses that it answers with before it gives tokens.

    subject: whom the tokens speak for; life: in seconds.
    """

    def __init__(self, *, failures: tuple[int, ...] = (), life: float = 300.0) -> None:
        self.failures = list(failures)
        self.life = life
        self.subject = "repo:acme/app:ref:refs/tags/v1.4.2"
        self.audiences: list[str] = []
        self.tokens: list[str] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = endpoint.answer(self.path, self.headers.get("Authorization", ""))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def environment(self) -> dict[str, str]:
        """What a job with `permissions: id-token: write` has."""
        port = self._server.server_address[1]
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{port}/token?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": BEARER,
        }

    def answer(self, path: str, authorization: str) -> tuple[int, bytes]:
        if authorization != f"Bearer {BEARER}":
            return 401, b"{}"
        if self.failures:
            return self.failures.pop(0), b"{}"
        [audience] = parse_qs(urlsplit(path).query)["audience"]
        self.audiences.append(audience)
        claims = {
            "iss": "https://token.actions.githubusercontent.com",
            "sub": self.subject,
            "aud": audience,
            "exp": time.time() + self.life,
        }
        self.tokens.append(".".join(map(_part, ({"alg": "RS256"}, claims, {"signed": len(self.tokens)}))))
        return 200, json.dumps({"value": self.tokens[-1], "count": len(self.tokens)}).encode()

    def __enter__(self) -> OidcEndpoint:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        return self

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
