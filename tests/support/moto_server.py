"""moto's server: AWS's services that the sandbox does not have."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from moto.server import ThreadedMotoServer


@contextmanager
def moto_server() -> Iterator[str]:
    """Its URL. One at a time, and empty: moto keeps what is in it for as long as the process lives, whichever
    server it was given to."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    try:
        _forget(url)
        yield url
        _forget(url)
    finally:
        server.stop()


def _forget(url: str) -> None:
    urllib.request.urlopen(f"{url}/moto-api/reset", b"").close()
