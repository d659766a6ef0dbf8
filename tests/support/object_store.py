"""An S3 that holds what a test puts into it, as far as GetObject goes."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

from tests.support.local_server import LocalServer, SilentHandler

_MISSING = b"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>"


class ObjectStore(LocalServer):
    """objects: BUCKET/KEY -> content. url is for AWS_ENDPOINT_URL_S3."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        store = self

        class Handler(SilentHandler, BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = store.objects.get(self.path.partition("?")[0].lstrip("/"))
                content = _MISSING if found is None else found
                self.send_response(404 if found is None else 200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        super().__init__(Handler)
