"""What the sandbox itself costs: a small request on a connection that stays open, against the standard
library's own server. Nagle's algorithm and a delayed acknowledgement would cost 40 ms together."""

from __future__ import annotations

import base64
import contextlib
import functools
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from given import Given
from timing import Comparison, Limit, Took, by_turns, median
from world import sandbox

# Measured: 2 to 3. Through boto3, the client's own work is the larger part.
_LIMITS = {"GET /v2/…/tags/list": Limit(8), "DescribeRepositories, through boto3": None}
_REFERENCE = "http.server"


def measure(given: Given) -> Iterator[Comparison]:
    """Median seconds of one request, by what was asked."""
    with sandbox(given.folder) as registry, _plain_server() as plain:
        client = registry.client()
        client.create_repository(repositoryName="team/app")
        auths = json.loads((Path(registry.environ["DOCKER_CONFIG"]) / "config.json").read_text())["auths"]
        token = auths[registry.host]["auth"]
        assert base64.b64decode(token).startswith(b"AWS:")
        ours, theirs = (http.client.HTTPConnection(host) for host in (registry.host, plain))

        def get(connection: http.client.HTTPConnection) -> None:
            connection.request("GET", "/v2/team/app/tags/list", headers={"Authorization": f"Basic {token}"})
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            answer.read()

        asked: dict[str, Callable[[], object]] = {
            _REFERENCE: lambda: get(theirs),
            "GET /v2/…/tags/list": lambda: get(ours),
            "DescribeRepositories, through boto3": lambda: client.describe_repositories(
                repositoryNames=["team/app"]
            ),
        }
        taken = by_turns({name: functools.partial(_timed, ask) for name, ask in asked.items()}, given.rounds)
        ours.close()
        theirs.close()
    for name, limit in _LIMITS.items():
        yield Comparison(name, _REFERENCE, median(taken[name]), median(taken[_REFERENCE]), limit)


def _timed(ask: Callable[[], object]) -> Took:
    began = time.perf_counter()
    ask()
    return Took(time.perf_counter() - began, 0)


@contextlib.contextmanager
def _plain_server() -> Iterator[str]:
    """HOST:PORT of a server that answers a few bytes on a connection that stays open."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body in one piece

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
