"""How long a run takes to end at SIGTERM while it builds, against `docker buildx build` by itself."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from given import Given
from timing import Comparison, Limit, Took, by_turns, median
from world import ECR_PUSH, Checkout, Sandbox, sandbox

# A run also removes its builder's configuration, looks for what it has pushed, and writes its reports.
_LIMIT = Limit(2, 1.0)
_REFERENCE = "docker buildx build"


class _Held:
    """A web server that never answers: a build that fetches from it lasts."""

    def __init__(self) -> None:
        self.arrived, self.open = threading.Event(), threading.Event()
        held = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                held.arrived.set()
                held.open.wait()

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, format: str, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/x"


def measure(given: Given) -> Iterator[Comparison]:
    held = _Held()
    checkout = Checkout.make(given.folder / "app")
    (checkout.root / "Dockerfile").write_text(f"FROM scratch\nADD {held.url} /x\n")
    checkout.commit("slow")
    with sandbox(given.folder) as registry:
        registry.client().create_repository(repositoryName="team/app")
        ours = (ECR_PUSH, "run", "--repository=team/app")
        bare = ("docker", "buildx", "build", "--output=type=cacheonly", ".")
        programs = {
            "ours": lambda: _interrupted(ours, checkout.root, registry, held),
            _REFERENCE: lambda: _interrupted(bare, checkout.root, registry, held),
        }
        try:
            taken = by_turns(programs, given.rounds)
        finally:
            held.open.set()
            held.server.shutdown()
    yield Comparison(
        "SIGTERM during the build", _REFERENCE, median(taken["ours"]), median(taken[_REFERENCE]), _LIMIT
    )


def _interrupted(argv: Sequence[str], folder: Path, registry: Sandbox, held: _Held) -> Took:
    """Seconds from the signal, sent once the build fetches, to the program's end."""
    held.arrived.clear()
    with subprocess.Popen(
        argv, cwd=folder, env=registry.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as program:
        assert held.arrived.wait(120), f"{argv[0]} did not build"
        began = time.perf_counter()
        program.send_signal(signal.SIGTERM)
        program.wait()
    return Took(time.perf_counter() - began, 0)
