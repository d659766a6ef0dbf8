"""A tar archive as a stream -> its entries, as a container runtime would unpack them.

Python's tarfile takes a damaged header behind the first entry for the archive's end, and the methods with
which it reads one differ between its releases. So the headers are walked here; one alone is taken apart by
`TarInfo.frombuf`, which is documented. Where readers of tar differ, Go's is followed, which runtimes use.
https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13
https://pkg.go.dev/archive/tar https://www.gnu.org/software/tar/manual/html_node/Standard.html
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from ecr_push.base.regex import lazy_regex
from ecr_push.sandbox.inventory.model import UnreadableImageError

_BLOCK = 512
_CHUNK = 64 * 1024
_MAX_HEADER_BYTES = 1024 * 1024
_WITHOUT_CONTENT = frozenset(
    {
        tarfile.LNKTYPE,
        tarfile.SYMTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.DIRTYPE,
        tarfile.FIFOTYPE,
    }
)
_FILES = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE, tarfile.GNUTYPE_SPARSE})
# Where an old GNU header of a sparse file, and each block of its map, says that another one follows.
_SPARSE_GOES_ON, _SPARSE_BLOCK_GOES_ON = 482, 504
_PAX_LENGTH = lazy_regex(rb"([0-9]{1,20}) ")
_SIZE = lazy_regex(r"[0-9]{1,20}")


class Stream(Protocol):
    """The bytes of an archive, once, from first to last."""

    def read(self, size: int, /) -> bytes:
        """Returns 1 to size bytes, none at the end."""


@dataclass(frozen=True)
class Entry:
    """One entry of an archive.

    name:       as the archive gives it, with bytes that are not UTF-8 escaped as os.fsdecode does.
    is_file:    a regular file; hard_link: a hard link's target, "" for all other entries.
    size:       of a file's content in the archive, in bytes.
    is_sparse:  the content is only the parts of the file that are not holes.
    """

    name: str
    is_file: bool
    is_folder: bool
    hard_link: str
    size: int
    is_sparse: bool


@dataclass
class _Extended:
    """What the extended headers before an entry say of it; "" is nothing."""

    long_name: str = ""
    long_link: str = ""
    records: dict[str, str] = field(default_factory=dict)


class TarStream:
    """The entries of an archive, each while it is the current one.

    Each method raises UnreadableImageError for an archive that is damaged or cut short: what follows cannot
    be seen, which does not mean that there is nothing.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._left = 0
        self._padding = 0

    def __iter__(self) -> Iterator[Entry]:
        """Reads on to the stream's end: only there does a compressed one say whether it is whole."""
        extended, pending = _Extended(), False
        while (block := self._header()) is not None:
            header, kind = _parsed(block), block[156:157]
            if kind in (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
                self._extend(extended, kind, self._long_header(header.size))
                pending = True
                continue
            if kind == tarfile.XGLTYPE:
                # Runtimes leave the records for all later entries aside.
                self._long_header(header.size)
            else:
                yield self._entry(header, block, extended)
            self._skip()
            extended, pending = _Extended(), False
        if pending:
            raise UnreadableImageError("damaged archive: it ends behind an extended header")
        while self._stream.read(_CHUNK):
            pass

    def content(self) -> bytes:
        """Returns the content of the current entry; the caller has looked at its size."""
        left, self._left = self._left, 0
        return self._exactly(left)

    def _header(self) -> bytes | None:
        """Returns the next header's block, None at the end: two blocks of zeros, or the end of the stream
        behind a whole entry or behind one such block."""
        block = self._exactly(_BLOCK, or_none=True)
        if any(block):
            return block
        if any(self._exactly(_BLOCK, or_none=True)):
            raise UnreadableImageError("damaged archive: a block of zeros between its entries")
        return None

    def _entry(self, header: tarfile.TarInfo, block: bytes, extended: _Extended) -> Entry:
        records, kind = extended.records, block[156:157]
        sparse = kind == tarfile.GNUTYPE_SPARSE or any(key.startswith("GNU.sparse.") for key in records)
        other = extended.long_name or records.get("GNU.sparse.name") or records.get("path")
        name = other or header.name
        folder = header.isdir()
        if kind == tarfile.AREGTYPE and other:
            # Decided by the whole name; frombuf saw its beginning.
            folder = name.endswith("/")
        size = _size(records["size"]) if records.get("size") else header.size
        if kind == tarfile.GNUTYPE_SPARSE:
            self._skip_sparse_map(block)
        self._expect(0 if folder or kind in _WITHOUT_CONTENT else size)
        target = extended.long_link or records.get("linkpath") or header.linkname
        return Entry(
            name=name,
            is_file=kind in _FILES and not folder,
            is_folder=folder,
            hard_link=target if kind == tarfile.LNKTYPE else "",
            size=self._left,
            is_sparse=sparse,
        )

    @staticmethod
    def _extend(extended: _Extended, kind: bytes, content: bytes) -> None:
        if kind == tarfile.XHDTYPE:
            extended.records = _records(content)
        elif kind == tarfile.GNUTYPE_LONGNAME:
            extended.long_name = _text(content.split(b"\0", 1)[0])
        else:
            extended.long_link = _text(content.split(b"\0", 1)[0])

    def _long_header(self, size: int) -> bytes:
        if size > _MAX_HEADER_BYTES:
            raise UnreadableImageError(f"it has a header of {size:,} bytes")
        self._expect(size)
        content = self.content()
        self._skip()
        return content

    def _skip_sparse_map(self, block: bytes) -> None:
        goes_on = block[_SPARSE_GOES_ON]
        while goes_on:
            goes_on = self._exactly(_BLOCK)[_SPARSE_BLOCK_GOES_ON]

    def _expect(self, size: int) -> None:
        if size < 0:
            raise UnreadableImageError("damaged archive: an entry of a negative size")
        self._left, self._padding = size, -size % _BLOCK

    def _skip(self) -> None:
        while self._left:
            step = min(self._left, _CHUNK)
            self._left -= step
            self._exactly(step)
        self._exactly(self._padding)
        self._padding = 0

    def _exactly(self, size: int, *, or_none: bool = False) -> bytes:
        parts: list[bytes] = []
        left = size
        while left and (part := self._stream.read(min(left, _CHUNK))):
            parts.append(part)
            left -= len(part)
        if left and not (or_none and not parts):
            raise UnreadableImageError("damaged archive: it is cut short")
        return b"".join(parts)


def _parsed(block: bytes) -> tarfile.TarInfo:
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as error:
        raise UnreadableImageError(f"damaged archive ({error})") from error


def _records(content: bytes) -> dict[str, str]:
    """The records of a pax header: `LENGTH KEY=VALUE\\n` each, where LENGTH counts all of it, itself too."""
    found: dict[str, str] = {}
    at = 0
    while at < len(content):
        length = _PAX_LENGTH.match(content, at)
        end = at + int(length[1]) if length else at
        record = content[length.end() if length else at : end]
        key, equals, value = record.removesuffix(b"\n").partition(b"=")
        if not key or not equals or end > len(content) or not record.endswith(b"\n"):
            raise UnreadableImageError("damaged archive: a pax header that is not valid")
        found[_text(key)] = _text(value)
        at = end
    return found


def _size(text: str) -> int:
    if not _SIZE.fullmatch(text):
        raise UnreadableImageError("damaged archive: a pax header with a size that is not a number")
    return int(text)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
