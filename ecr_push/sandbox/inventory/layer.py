"""Reads one layer as a stream: the database files that it sets, and those of lower layers that it removes.

Nothing is extracted, so that no path can escape; only database files are held in memory, one at a time.
Limits on size, count and single headers bound the cost of a hostile layer.
https://github.com/opencontainers/image-spec/blob/main/layer.md
"""

from __future__ import annotations

import gzip
import importlib
import posixpath
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO, TypeVar

from ecr_push.sandbox.inventory.model import PackageDatabase, UnreadableImageError

Value = TypeVar("Value")
OpenLayer = Callable[[], BinaryIO]

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
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


@dataclass(frozen=True)
class Limits:
    """The limits of one layer: bytes after decompression, and entries."""

    unpacked_bytes: int = 128 * 1024**3
    entries: int = 10_000_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Set:
    """The layer sets a database file, and hides anything at this path in lower layers."""

    path: str
    source: PackageDatabase
    content: bytes


@dataclass(frozen=True)
class Link:
    """The layer sets a database file as a hard link to another file of the image."""

    path: str
    source: PackageDatabase
    target: str


@dataclass(frozen=True)
class Hide:
    """The layer removes everything below path from lower layers, and path itself unless below_only."""

    path: str
    below_only: bool = False


Change = Set | Link | Hide


def read_layer(
    open_layer: OpenLayer,
    source_of: Callable[[str], PackageDatabase | None],
    *,
    lower: Iterable[str],
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Change]:
    """Reads the changes of one layer, in the order of its entries.

    source_of:  path -> the kind of database there, None for all other files.
    lower:      the database files of the layers below.

    Raises UnreadableImageError if the bytes are not a valid layer, or exceed the limits.
    """
    folders = {"/".join(parts[:n]) for parts in (it.split("/") for it in lower) for n in range(1, len(parts))}
    files = frozenset(lower)
    for entry, archive in _entries(open_layer, limits):
        path = _normal(entry.name)
        if not path:
            continue
        folder, name = posixpath.split(path)
        if name == _OPAQUE:
            if not folder or folder in folders:
                yield Hide(folder, below_only=True)
            continue
        if name.startswith(_WHITEOUT):
            hidden = posixpath.join(folder, name.removeprefix(_WHITEOUT))
            if hidden in files or hidden in folders:
                yield Hide(hidden)
            continue
        if path in files or (path in folders and not entry.isdir()):
            yield Hide(path)
        source = source_of(path)
        if source is None:
            continue
        if entry.isreg():
            yield Set(path, source, _content(archive, entry, source.MAX_BYTES))
        elif entry.islnk():
            yield Link(path, source, _normal(entry.linkname))


def read_file(
    open_layer: OpenLayer, path: str, max_bytes: int, *, limits: Limits = DEFAULT_LIMITS
) -> bytes | None:
    """Returns the content of a regular file of a layer, the last of that name; None if there is none."""
    found = None
    for entry, archive in _entries(open_layer, limits):
        if entry.isreg() and _normal(entry.name) == path:
            found = _content(archive, entry, max_bytes)
    return found


def _entries(open_layer: OpenLayer, limits: Limits) -> Iterator[tuple[tarfile.TarInfo, tarfile.TarFile]]:
    with _as_unreadable(), open_layer() as blob, _decompressed(blob) as unpacked:
        bounded = _Bounded(unpacked, limits.unpacked_bytes)
        if not bounded.peek():
            return
        with tarfile.open(fileobj=bounded, mode="r|", tarinfo=_BoundedHeader, bufsize=64 * 1024) as archive:  # type: ignore[call-overload]
            for count, entry in enumerate(archive):
                if count >= limits.entries:
                    raise UnreadableImageError(f"it has more than {limits.entries:,} entries")
                yield entry, archive
                # A stream cannot seek back: the entries that tarfile keeps only cost memory.
                archive.members.clear()
                archive.pax_headers.clear()


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo, max_bytes: int) -> bytes:
    if entry.size > max_bytes:
        raise UnreadableImageError(
            f"{_normal(entry.name)} has {entry.size:,} bytes, the limit is {max_bytes:,}"
        )
    with _as_unreadable():
        file = archive.extractfile(entry)
        return file.read() if file else b""


def _normal(name: str) -> str:
    """A path relative to the root, as a container runtime would place it; the root itself is ""."""
    return posixpath.normpath("/" + name).lstrip("/")


@contextmanager
def _as_unreadable() -> Iterator[None]:
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
