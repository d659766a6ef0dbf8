"""A layer's blob -> the entries of its tar archive, as a stream: decompressed, and bounded against bombs."""

from __future__ import annotations

import gzip
import importlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

from ecr_push.sandbox.inventory.limits import Budget
from ecr_push.sandbox.inventory.model import UnreadableImageError
from ecr_push.sandbox.inventory.tar_stream import Entry, TarStream

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


def read_tar(blob: BinaryIO, budget: Budget) -> Iterator[tuple[Entry, TarStream]]:
    """Yields the entries of the archive, each with the archive to read it from; none for an empty layer,
    which some builders write.

    Raises UnreadableImageError when the archive is damaged or the budget is used up; `as_unreadable` turns
    all other errors into one.
    """
    with _decompressed(blob) as unpacked:
        archive = TarStream(_Bounded(unpacked, budget))
        for entry in archive:
            budget.enter()
            yield entry, archive


@contextmanager
def as_unreadable() -> Iterator[None]:
    """Turns the errors of a damaged or missing blob into UnreadableImageError."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableImageError("not in the registry") from error
    except (zlib.error, EOFError, OSError, ValueError, _ZstdError) as error:
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
    """A stream that raises an error when the budget is used up, against decompression bombs."""

    def __init__(self, stream: IO[bytes], budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._budget.unpack(len(data))
        return data
