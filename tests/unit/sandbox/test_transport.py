"""Chunked request bodies."""

from __future__ import annotations

import io

import pytest

from ecr_push.sandbox.transport import ChunkedBody


def body(wire: bytes) -> tuple[io.BufferedReader, io.BytesIO]:
    source = io.BytesIO(wire)
    return io.BufferedReader(ChunkedBody(source)), source


@pytest.mark.parametrize(
    ("wire", "content"),
    [
        (b"0\r\n\r\n", b""),
        (b"3\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", b"abc0123456789"),
        (b"003\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n", b"abc"),
    ],
)
def test_chunks_are_joined_and_nothing_behind_them_is_read(wire: bytes, content: bytes) -> None:
    stream, source = body(wire + b"GET /v2/ HTTP/1.1\r\n")
    assert stream.read() == content
    assert stream.read(10) == b""
    assert source.read() == b"GET /v2/ HTTP/1.1\r\n"


def test_a_large_chunk_comes_in_small_pieces() -> None:
    stream, _ = body(b"100000\r\n" + b"x" * 0x100000 + b"\r\n0\r\n\r\n")
    sizes = []
    while piece := stream.read(64 * 1024):
        sizes.append(len(piece))
    assert sizes == [64 * 1024] * 16


@pytest.mark.parametrize("wire", [b"", b"3\r\n", b"3\r\nab", b"3\r\nabc\r\n", b"3\r\nabc\r\n0\r\n"])
def test_a_client_that_disconnects_does_not_end_the_body(wire: bytes) -> None:
    stream, _ = body(wire)
    with pytest.raises(ConnectionResetError):
        stream.read()
