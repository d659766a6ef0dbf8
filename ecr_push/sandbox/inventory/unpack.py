"""A layer's blob -> the entries of its tar archive, as a stream: decompressed, and bounded against bombs."""

from __future__ import annotations

import gzip
import importlib
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from ecr_push.sandbox.inventory.model import UnreadableImageError

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_LONG_HEADERS = frozenset(
    {
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    }
)
_MAX_HEADER_BYTES = 1024 * 1024


def read_tar(
    blob: BinaryIO, max_bytes: int, max_entries: int
) -> Iterator[tuple[tarfile.TarInfo, tarfile.TarFile]]:
    """Yields the entries of the archive, each with the archive to read it from; none for an empty layer.

    Raises UnreadableImageError at the limits; `as_unreadable` turns all other errors into one.
    """
    with _decompressed(blob) as unpacked:
        bounded = _Bounded(unpacked, max_bytes)
        if not bounded.peek():
            return
        with tarfile.open(fileobj=bounded, mode="r|", tarinfo=_BoundedHeader, bufsize=64 * 1024) as archive:  # type: ignore[call-overload]
            for count, entry in enumerate(archive):
                if count >= max_entries:
                    raise UnreadableImageError(f"it has more than {max_entries:,} entries")
                yield entry, archive
                # A stream cannot seek back: the entries that tarfile keeps only cost memory.
                archive.members.clear()
                archive.pax_headers.clear()


@contextmanager
def as_unreadable() -> Iterator[None]:
    """Turns the errors of a damaged or missing blob into UnreadableImageError."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableImageError("not in the registry") from error
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RecursionError, _ZstdError) as error:
        raise UnreadableImageError(f"not a readable tar archive ({error})") from error


@contextmanager
def _decompressed(blob: BinaryIO) -> Iterator[IO[bytes]]:
    """Chosen by the first bytes, because the media type is only the client's claim."""
    magic = blob.read(4)
    blob.seek(0)
    if magic.startswith(_GZIP_MAGIC):
        with gzip.GzipFile(fileobj=blob) as unpacked:
            # A GzipFile is an IO[bytes] in all but its declared type.
            yield unpacked  # type: ignore[misc]
    elif magic == _ZSTD_MAGIC:
        with _zstd(blob) as unpacked:
            yield unpacked
    else:
        yield blob


class _ZstdError(Exception):
    """The errors of zstd modules for bytes that are not valid."""


@contextmanager
def _zstd(blob: BinaryIO) -> Iterator[IO[bytes]]:
    """Python has zstd since 3.14; before that its backport is used if it is installed. Not the package
    zstandard: its reader does not notice a truncated stream."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            zstd = importlib.import_module(name)
        except ModuleNotFoundError:
            continue
        try:
            with zstd.ZstdFile(blob) as unpacked:
                yield unpacked
        except zstd.ZstdError as error:
            raise _ZstdError(str(error)) from error
        return
    raise UnreadableImageError("compressed with zstd, which needs Python 3.14 or backports.zstd")


class _Bounded:
    """A stream that raises an error after so many bytes, against decompression bombs."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._left = limit
        self._ahead = b""

    def peek(self) -> bytes:
        """Returns the first bytes; none for an empty layer, which some builders write."""
        self._ahead = self.read(512)
        return self._ahead

    def read(self, size: int) -> bytes:
        if self._ahead:
            ahead, self._ahead = self._ahead[:size], self._ahead[size:]
            return ahead
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise UnreadableImageError(f"it unpacks to more than {self._limit:,} bytes")
        return data


class _BoundedHeader(tarfile.TarInfo):
    """tarfile reads long names and pax records into memory: this refuses a header of gigabytes first, and
    reports a damaged one, which is not the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _BoundedHeader:
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            # After the first entry tarfile would treat a damaged header as the archive's end. The real
            # end is the end of the stream, or a block of zeros.
            if any(buf):
                raise UnreadableImageError(f"damaged archive ({error})") from error
            raise
        if header.type in _LONG_HEADERS and header.size > _MAX_HEADER_BYTES:
            raise UnreadableImageError(f"it has a header of {header.size:,} bytes")
        return header
