"""HTTP/1.1 for a WSGI application: cheroot, adapted to large bodies and quick stops."""

from __future__ import annotations

import io
import logging
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cheroot import wsgi

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_LOG = logging.getLogger(__name__)
# Idle connections are closed after this time. It is long, because a client that sends a body over a closing
# connection gets an error that it may not retry.
_IDLE_SECONDS = 300
# How often cheroot checks whether it has to stop.
_TICK_SECONDS = 0.05
_STOP_SECONDS = 0.8
_THREADS = 32
# Connections beyond these are closed after their request. Below the 1024 files that a process may have open.
_KEPT_CONNECTIONS = 512
_MAX_HEADER_BYTES = 64 * 1024


class Listener:
    """One listening port on 127.0.0.1, served by threads that end with the process.

    `serve` gets the application, because that needs the port. Raises OSError if the port is in use.
    """

    def __init__(self, port: int) -> None:
        if port:
            _check_free(port)
        self._server = _Server(port)
        # cheroot's threads are daemons if the one that starts them is.
        _in_daemon(self._server.prepare)
        self.host = f"127.0.0.1:{self._server.bind_addr[1]}"

    def serve(self, application: WSGIApplication) -> None:
        """Start to serve requests. Returns at once."""
        self._server.wsgi_app = application
        threading.Thread(target=self._server.serve, name=f"sandbox {self.host}", daemon=True).start()

    def stop(self) -> threading.Thread:
        """Start to stop: refuse new connections, close idle ones. The thread ends when that is done; do not
        wait longer than `_STOP_SECONDS` for it."""
        thread = threading.Thread(target=self._server.stop, name=f"stop {self.host}", daemon=True)
        thread.start()
        return thread


def stop_all(listeners: list[Listener]) -> None:
    """Stop all listeners in parallel, and wait for them."""
    for thread in [listener.stop() for listener in listeners]:
        thread.join(_STOP_SECONDS)


class _Server(wsgi.Server):
    expiration_interval = _TICK_SECONDS
    keep_alive_conn_limit = _KEPT_CONNECTIONS
    max_request_header_size = _MAX_HEADER_BYTES

    def __init__(self, port: int) -> None:
        super().__init__(
            ("127.0.0.1", port),
            _refuse,
            numthreads=_THREADS,
            server_name="ecr-sandbox",
            request_queue_size=128,
            timeout=_IDLE_SECONDS,
            shutdown_timeout=_STOP_SECONDS / 2,  # type: ignore[arg-type]  # a float works
        )
        self.gateway = _Gateway

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        _LOG.log(level, "%s", msg, exc_info=traceback)


class _Gateway(wsgi.Gateway_10):
    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]  # None in the stub
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        if self.req.chunked_read:
            environ["wsgi.input"] = io.BufferedReader(ChunkedBody(self.req.conn.rfile), 64 * 1024)
        return environ


class ChunkedBody(io.RawIOBase):
    """A request's body in chunked transfer coding, RFC 9112 section 7.1.

    cheroot's own reader holds a whole chunk in memory, and a client may send a layer as one chunk; it also
    copies the rest of the chunk with every read.
    Raises ConnectionResetError if the client disconnects, ValueError for a body that is not chunked.
    """

    def __init__(self, source: Any) -> None:
        self._source = source
        self._left = 0
        self._first = True
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left and not self._ended:
            self._next_chunk()
        if self._ended:
            return 0
        data = self._source.read(min(len(buffer), self._left))
        if not data:
            raise ConnectionResetError("the client disconnected within a chunk")
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def _next_chunk(self) -> None:
        if not self._first:
            self._line()
        self._first = False
        self._left = int(self._line().partition(b";")[0], 16)
        if not self._left:
            self._ended = True
            while self._line():
                pass  # trailer fields

    def _line(self) -> bytes:
        line: bytes = self._source.readline(8_192)
        if not line.endswith(b"\n"):
            raise ConnectionResetError("the client disconnected between two chunks")
        return line.strip()


def _refuse(environ: Any, start_response: Any) -> list[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0")])
    return []


def _check_free(port: int) -> None:
    """Raises OSError if the port is in use. cheroot raises it too, but leaves a socket open."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


def _in_daemon(function: Callable[[], None]) -> None:
    """Run a function in a daemon thread, wait, and raise its exception."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            function()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
