"""A registry that is not ECR's, read-only, with a token server, a page at a time, and a limit of pulls."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_MANIFESTS = "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass
class OtherRegistry:
    """One repository. password: of the user `me`, or "" where anyone may read.

    tokens: how many requests each token is good for. refused: answers of 429 that are still to be given.
    with_digests: whether a manifest's answer says its digest.
    """

    repository: str = "library/tool"
    password: str = ""
    tokens: int = 1000
    refused: int = 0
    page: int = 2
    with_digests: bool = True
    manifests: dict[str, bytes] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    host: str = ""

    def add(self, manifest: bytes, tag: str = "", *blobs: bytes) -> str:
        digest = digest_of(manifest)
        self.manifests[digest] = manifest
        self.blobs.update({digest_of(one): one for one in blobs})
        if tag:
            self.tags[tag] = digest
        return digest

    @contextmanager
    def served(self) -> Iterator[OtherRegistry]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.host = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _handler(registry: OtherRegistry) -> type[BaseHTTPRequestHandler]:
    left: Counter[str] = Counter()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
            if path == "/token":
                self._token(query)
                return
            with lock:
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                left[token] -= 1
                is_known = left[token] >= 0
            if not is_known:
                challenge = f'Bearer realm="http://{registry.host}/token",service="tool"'
                self._answer(401, b"{}", {"WWW-Authenticate": challenge})
                return
            with lock:
                registry.refused -= 1
                is_refused = registry.refused >= 0
            if is_refused:
                self._answer(429, b"{}", {"Retry-After": "1"})
                return
            self._content(path.removeprefix(f"/v2/{registry.repository}/"), query)

        def _token(self, query: Mapping[str, list[str]]) -> None:
            basic = base64.b64encode(f"me:{registry.password}".encode()).decode()
            if registry.password and self.headers.get("Authorization") != f"Basic {basic}":
                self._answer(401, b"{}")
                return
            assert query["scope"] == [f"repository:{registry.repository}:pull"]
            with lock:
                registry.asked["token"] += 1
                token = f"token-{registry.asked['token']}"
                left[token] = registry.tokens
            self._answer(200, json.dumps({"token": token, "expires_in": 300}).encode())

        def _content(self, path: str, query: Mapping[str, list[str]]) -> None:
            kind, _, name = path.partition("/")
            with lock:
                registry.asked[f"{self.command} {kind}"] += 1
            if kind == "tags":
                self._tags(query.get("last", [""])[0])
                return
            digest = registry.tags.get(name, name)
            found = {"manifests": registry.manifests, "blobs": registry.blobs}.get(kind, {}).get(digest)
            if found is None:
                self._answer(404, b"{}")
                return
            is_index = kind == "manifests" and b'"manifests"' in found
            headers = {"Content-Type": _MANIFESTS[is_index]}
            if registry.with_digests:
                headers["Docker-Content-Digest"] = digest
            self._answer(200, found, headers)

        def _tags(self, last: str) -> None:
            names = [one for one in sorted(registry.tags) if one > last][: registry.page]
            more = bool(names) and names[-1] != max(registry.tags)
            link = f'</v2/{registry.repository}/tags/list?last={names[-1]}&n=2>; rel="next"' if more else ""
            self._answer(200, json.dumps({"tags": names}).encode(), {"Link": link} if link else {})

        def _answer(self, status: int, content: bytes, headers: Mapping[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, format: str, *values: object) -> None: ...

    return Handler
