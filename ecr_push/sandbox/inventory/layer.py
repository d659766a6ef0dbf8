"""Reads one layer as a stream: the database files that it sets, and those of lower layers that it removes.

Nothing is extracted, so that no path can escape; only database files are held in memory, one at a time.
Limits on size and count, and on single headers in `unpack`, bound the cost of a hostile layer.
https://github.com/opencontainers/image-spec/blob/main/layer.md
"""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

from ecr_push.sandbox.inventory.model import PackageDatabase, UnreadableImageError
from ecr_push.sandbox.inventory.unpack import as_unreadable, read_tar

Value = TypeVar("Value")
OpenLayer = Callable[[], BinaryIO]

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"


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
    with as_unreadable(), open_layer() as blob:
        yield from read_tar(blob, limits.unpacked_bytes, limits.entries)


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo, max_bytes: int) -> bytes:
    if entry.size > max_bytes:
        raise UnreadableImageError(
            f"{_normal(entry.name)} has {entry.size:,} bytes, the limit is {max_bytes:,}"
        )
    with as_unreadable():
        file = archive.extractfile(entry)
        return file.read() if file else b""


def _normal(name: str) -> str:
    """A path relative to the root, as a container runtime would place it; the root itself is ""."""
    return posixpath.normpath("/" + name).lstrip("/")
