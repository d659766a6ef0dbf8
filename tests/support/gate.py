"""A web server that holds its answers back: a build that fetches from it lasts as long as a test likes."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


class Gate:
    """Serves one small file at url. arrived is set by the first request, which waits for `open`."""

    def __init__(self) -> None:
        self.arrived = threading.Event()
        self._open = threading.Event()
        gate = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                gate.arrived.set()
                gate._open.wait(600)
                self.send_response(200)
                self.send_header("Content-Length", "5")
                self.end_headers()
                self.wfile.write(b"late\n")

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, format: str, *args: object) -> None: ...

            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:  # the client was interrupted
                    return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{id(self)}"

    def open(self) -> None:
        self._open.set()

    def __enter__(self) -> Gate:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.open()
        self._server.shutdown()
        self._server.server_close()
