"""A 2 GB layer must not cost 200 MB: nothing may grow with the layer.

512 MB keep the test quick; what would hold a layer in memory, even once, shows at that size as well.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection

import pytest

from tests.support.sandbox.process import Served, served

MIB = 1024 * 1024
SIZE = 512 * MIB
ALLOWED = 32 * MIB
PIECE = bytes(range(256)) * 4096


def pieces() -> Iterator[bytes]:
    for _ in range(SIZE // MIB):
        yield PIECE


@pytest.fixture(scope="module")
def digest() -> str:
    hasher = hashlib.sha256()
    for piece in pieces():
        hasher.update(piece)
    return f"sha256:{hasher.hexdigest()}"


def streamed(sandbox: Served, digest: str) -> None:
    """As docker does it: a PATCH in chunked coding, an empty PUT."""
    with sandbox.client() as client:
        location = client.start_upload()
        assert client.send("PATCH", location, pieces())[0] == 202
        assert client.send("PUT", f"{location}?digest={digest}")[0] == 201


def in_one_chunk(sandbox: Served, digest: str) -> None:
    """The same as one single chunk, which is rare and allowed."""
    with sandbox.client() as client:
        location = client.start_upload()
        client.connection.putrequest("PATCH", location.removeprefix(f"http://{sandbox.host}"))
        client.connection.putheader("Authorization", f"Basic {sandbox.authorization}")
        client.connection.putheader("Transfer-Encoding", "chunked")
        client.connection.endheaders()
        client.connection.send(f"{SIZE:x}\r\n".encode())
        for piece in pieces():
            client.connection.send(piece)
        client.connection.send(b"\r\n0\r\n\r\n")
        response = client.connection.getresponse()
        assert (response.status, response.read()) == (202, b"")
        assert client.send("PUT", f"{location}?digest={digest}")[0] == 201


def at_once(sandbox: Served, digest: str) -> None:
    """A POST with Content-Length, then a pull."""
    with sandbox.client() as client:
        send_with_length(client.connection, f"/v2/app/blobs/uploads/?digest={digest}", sandbox.authorization)
        response = client.connection.getresponse()
        assert (response.status, response.read()) == (201, b"")
        client.connection.request(
            "GET", f"/v2/app/blobs/{digest}", headers={"Authorization": f"Basic {sandbox.authorization}"}
        )
        response = client.connection.getresponse()
        received = 0
        while piece := response.read(MIB):
            received += len(piece)
        assert received == SIZE


def refused(sandbox: Served, digest: str) -> None:
    """The sandbox reads also a body that it does not need."""
    with sandbox.client() as client:
        send_with_length(client.connection, f"/v2/app/blobs/uploads/?digest={digest}", "eDp5")
        response = client.connection.getresponse()
        assert response.status == 401


def send_with_length(connection: HTTPConnection, path: str, authorization: str) -> None:
    connection.putrequest("POST", path)
    connection.putheader("Authorization", f"Basic {authorization}")
    connection.putheader("Content-Length", str(SIZE))
    connection.endheaders()
    for piece in pieces():
        connection.send(piece)


@pytest.mark.parametrize("transfer", [streamed, in_one_chunk, at_once, refused], ids=lambda it: it.__name__)
def test_memory_does_not_grow_with_the_layer(transfer: Callable[[Served, str], None], digest: str) -> None:
    with served() as sandbox:
        before = sandbox.peak_memory()
        transfer(sandbox, digest)
        grown = sandbox.peak_memory() - before
    sys.stdout.write(f"{transfer.__name__}: {before / MIB:.0f} + {grown / MIB:.1f} MiB resident at most\n")
    assert grown < ALLOWED, f"{grown / MIB:.0f} MiB for a layer of {SIZE / MIB:.0f} MiB"
