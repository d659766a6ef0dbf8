"""A registry that takes its time: over the body that it is sent, over its answer, or for ever."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ecr_push.base.clock import SystemClock
from ecr_push.base.reference import Registry, Repository, Tag
from ecr_push.registry import wire
from ecr_push.registry.interface import Login
from ecr_push.registry.layer_api import UnreachableError
from ecr_push.registry.other.source import OtherRepository
from ecr_push.registry.wire import Patience, Wire
from tests.support.fakes import START

SHORT = 0.3  # seconds for a connection
LONG = 60.0  # for an answer, which comes sooner
PIECE = 1024 * 1024


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[Repository]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def do_PUT(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    try:
        yield Repository(Registry.parse(f"127.0.0.1:{server.server_port}"), "team/app")
    finally:
        server.shutdown()
        server.server_close()


def wire_to(here: Repository) -> Wire:
    login = Login(here.registry.host, "AWS", "dummy", START)
    patience = Patience(SHORT, LONG)
    return Wire(lambda: here, lambda: login, lambda refused: None, "Basic", patience=patience)


def done(request: BaseHTTPRequestHandler) -> None:
    request.send_response(201)
    request.send_header("Content-Length", "0")
    request.end_headers()


def test_a_layer_may_take_longer_than_a_connection_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gigabyte over a slow line does: each piece of it is on its way for a moment only."""
    monkeypatch.setattr(wire, "_SENDING", Patience(SHORT, LONG))
    pieces = 8

    def take_slowly(request: BaseHTTPRequestHandler) -> None:
        for _ in range(pieces):
            request.rfile.read(PIECE)
            time.sleep(SHORT / 2)
        done(request)

    body = io.BytesIO(bytes(pieces * PIECE))
    headers = {"Content-Length": str(pieces * PIECE)}
    with (
        serving(take_slowly) as here,
        wire_to(here).asked("PUT", "blobs/uploads/1", (201,), headers, body=body) as answer,
    ):
        assert answer.status == 201


def test_an_answer_may_take_longer_than_a_connection_may() -> None:
    def think(request: BaseHTTPRequestHandler) -> None:
        time.sleep(3 * SHORT)
        done(request)

    with serving(think) as here, wire_to(here).asked("GET", "tags/list", (201,)) as answer:
        assert answer.status == 201


def test_in_a_hurry_one_that_says_nothing_is_given_up_at_once() -> None:
    asked: list[str] = []
    end = threading.Event()

    def say_nothing(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        end.wait(LONG)

    with serving(say_nothing) as here:
        source = OtherRepository(
            here, lambda host: None, SystemClock(), patience=Patience(SHORT, SHORT, again=0)
        )
        with pytest.raises(UnreachableError, match="cannot be asked for images"):
            source.digests([Tag("1")])
        end.set()
    assert asked == ["/v2/"]
