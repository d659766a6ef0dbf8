"""Reads one layer as a stream: the database files that it sets, and those of lower layers that it removes.

Nothing is extracted, so that no path can escape; only database files are held in memory, one at a time.
A budget for the whole image, and limits on single headers in `tar_stream`, bound the cost of a hostile layer.
https://github.com/opencontainers/image-spec/blob/main/layer.md
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from ecr_push.sandbox.inventory.limits import Budget
from ecr_push.sandbox.inventory.model import PackageDatabase, UnreadableImageError
from ecr_push.sandbox.inventory.tar_stream import Entry, TarStream
from ecr_push.sandbox.inventory.unpack import as_unreadable, read_tar

OpenLayer = Callable[[], BinaryIO]

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"


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
    budget: Budget,
) -> Iterator[Change]:
    """Reads the changes of one layer, in the order of its entries.

    source_of:  path -> the kind of database there, None for all other files.
    lower:      the database files of the layers below.

    Raises UnreadableImageError if the bytes are not a valid layer, or the budget is used up.
    """
    folders = {"/".join(parts[:n]) for parts in (it.split("/") for it in lower) for n in range(1, len(parts))}
    files = frozenset(lower)
    for entry, archive in _entries(open_layer, budget):
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
        if path in files or (path in folders and not entry.is_folder):
            yield Hide(path)
        source = source_of(path)
        if source is None:
            continue
        if entry.is_file or entry.hard_link:
            budget.find(path)
        if entry.is_file:
            yield Set(path, source, _content(archive, entry, source.MAX_BYTES))
        elif entry.hard_link:
            yield Link(path, source, _normal(entry.hard_link))


def read_files(
    open_layer: OpenLayer, max_bytes: Mapping[str, int], budget: Budget
) -> Iterator[tuple[str, bytes]]:
    """Reads those regular files of a layer that max_bytes has a limit for. Of two of one name the last
    counts."""
    for entry, archive in _entries(open_layer, budget):
        path = _normal(entry.name)
        if entry.is_file and path in max_bytes:
            yield path, _content(archive, entry, max_bytes[path])


def _entries(open_layer: OpenLayer, budget: Budget) -> Iterator[tuple[Entry, TarStream]]:
    with as_unreadable(), open_layer() as blob:
        yield from read_tar(blob, budget)


def _content(archive: TarStream, entry: Entry, max_bytes: int) -> bytes:
    if entry.size > max_bytes:
        raise UnreadableImageError(
            f"{_normal(entry.name)} has {entry.size:,} bytes, the limit is {max_bytes:,}"
        )
    if entry.is_sparse:
        raise UnreadableImageError(f"{_normal(entry.name)} is a sparse file")
    with as_unreadable():
        return archive.content()


def _normal(name: str) -> str:
    """A path relative to the root, as a container runtime would place it; the root itself is ""."""
    return posixpath.normpath("/" + name).lstrip("/")
