"""The door through which files are read that may be an outsider's: the Dockerfile, a version file, a policy.

No link leads out of the checkout, nothing but a regular file is opened, and no more is read than a limit.
"""

from __future__ import annotations

import codecs
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ecr_push.base.fences import Fences, RefusedPathError, open_descriptor, reached

_PIECE = 1 << 20  # bytes
_READ = os.O_RDONLY | os.O_NONBLOCK  # a pipe put there meanwhile must not keep us waiting


def read_bytes(path: Path, limit: int, fences: Fences, *, streams: bool = False) -> bytes:
    """The whole content of a file.

    limit: bytes; a larger file is refused, not cut. streams: whether what the user names outside of the
    checkout may be a pipe, as `<(…)` and /dev/stdin are.

    Raises OSError for what is missing or cannot be read, and its kind RefusedPathError for a link that leads
    out of the checkout, for what is not a regular file, and for one that is too large. Neither shows content.
    """
    descriptor = open_descriptor(path)
    if descriptor is not None:
        return _content(descriptor, path, limit, streams=streams)
    with reached(path, fences) as file:
        about = file.status()
        if about is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        streams = streams and not file.fenced
        # Looked at before it is opened too: to open a device can be to do something.
        _refuse_others(about, path, streams=streams)
        return _content(file.open(os.O_RDONLY if streams else _READ), path, limit, streams=streams)


class NotTextError(ValueError):
    """Content that is not text in UTF-8; the error is the sentence."""


def utf8(content: bytes) -> str:
    """The text of a file, without the byte order mark that editors on Windows write. Raises NotTextError."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        hint = " but in UTF-16, as PowerShell writes it: save it as UTF-8" if is_utf16 else ""
        raise NotTextError(f"it is not text in UTF-8{hint}") from None


@contextmanager
def open_file(path: Path, fences: Fences) -> Iterator[BinaryIO]:
    """A file to read from, of whatever size. Raises as `read_bytes` does."""
    with reached(path, fences) as file:
        about = file.status()
        if about is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        _refuse_others(about, path, streams=False)
        descriptor = file.open(_READ)
    with os.fdopen(descriptor, "rb") as file:
        _refuse_others(os.fstat(descriptor), path, streams=False)
        yield file


def _content(descriptor: int, path: Path, limit: int, *, streams: bool) -> bytes:
    with open(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        _refuse_others(about, path, streams=streams)
        content = b"" if about.st_size > limit else _up_to(limit + 1, file)
    if about.st_size > limit or len(content) > limit:
        raise RefusedPathError(
            errno.EFBIG,
            f"it is larger than {_shown(limit)}",
            path,
            "name a smaller file, or leave out what it needs not",
        )
    return content


def _up_to(most: int, file: BinaryIO) -> bytes:
    """In pieces: `read` allocates all that it is asked for, however little there is."""
    pieces: list[bytes] = []
    while most > 0 and (piece := file.read(min(most, _PIECE))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def _refuse_others(about: os.stat_result, path: Path, *, streams: bool) -> None:
    if stat.S_ISDIR(about.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(about.st_mode) and not streams:
        raise RefusedPathError(
            errno.EINVAL, "it is not a regular file, but a pipe, a socket or a device", path, "name a file"
        )


def _shown(limit: int) -> str:
    for unit, size in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if limit >= size and limit % size == 0:
            return f"{limit // size} {unit}"
    return f"{limit} bytes"
