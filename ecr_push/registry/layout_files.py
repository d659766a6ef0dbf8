"""The files of an OCI layout, in a folder or in a tar archive, read through the door for an outsider's files.

`oci:PATH`, `oci:PATH@sha256:…` and `oci:PATH@NAME` name an image of a layout.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

from ecr_push.base.checkout_files import open_file, read_bytes
from ecr_push.base.dataclass import dataclass
from ecr_push.base.fences import Fences
from ecr_push.registry.oci_layout import Layout, LayoutError, read_layout

PREFIX = "oci:"
# More than any image has: 127 layers of up to 1,000 manifests.
_MOST_FILES = 200_000
# What tarfile reads at once of headers; a hostile one would have it allocate what the archive claims.
_LONGEST_READ = 1 << 20


def is_layout(image: str) -> bool:
    """Whether `--image` names a layout, and not an image of the engine."""
    return image.startswith(PREFIX)


@contextmanager
def opened_layout(image: str, fences: Fences) -> Iterator[Layout]:
    """The image of `oci:PATH[@WHICH]`, whose files are open meanwhile. Raises LayoutError."""
    text, _, wanted = image.removeprefix(PREFIX).partition("@")
    path = Path(text)
    try:
        if path.is_dir():
            yield read_layout(Folder(path, fences), wanted)
            return
        with open_file(path, fences) as file:
            yield read_layout(Archive(file), wanted)
    except OSError as error:
        raise LayoutError(f"{text}: {error.strerror or error}") from error


@dataclass(frozen=True)
class Folder:
    """See `Files`."""

    path: Path
    fences: Fences

    def read(self, name: str, limit: int) -> bytes:
        return read_bytes(self.path / name, limit, self.fences)

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        return open_file(self.path / name, self.fences)

    def size(self, name: str) -> int:
        with self.open(name) as file:
            return os.fstat(file.fileno()).st_size


class Archive:
    """See `Files`: of an archive without compression. Its members are read where they are in file."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises LayoutError for what is not such an archive, or has a name twice."""
        self._file = file
        self._places: dict[str, tuple[int, int]] = {}
        for name, begin, size in _members(file):
            if self._places.setdefault(name, (begin, size)) != (begin, size):
                raise LayoutError(f"the archive has {name} twice")

    def read(self, name: str, limit: int) -> bytes:
        begin, size = self._place(name)
        if size > limit:
            raise OSError(errno.EFBIG, f"{name} is larger than {limit} bytes", name)
        return os.pread(self._file.fileno(), size, begin)

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        return io.BufferedReader(_Part(self._file.fileno(), *self._place(name)), _LONGEST_READ)

    def size(self, name: str) -> int:
        return self._place(name)[1]

    def _place(self, name: str) -> tuple[int, int]:
        if name not in self._places:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        return self._places[name]


class _Part(io.RawIOBase):
    """The bytes of one member. Several may be read at the same time: none moves the file's position."""

    def __init__(self, descriptor: int, begin: int, size: int) -> None:
        self._descriptor, self._at, self._end = descriptor, begin, begin + size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        content = os.pread(self._descriptor, min(len(view), self._end - self._at), self._at)
        view[: len(content)] = content
        self._at += len(content)
        return len(content)


class _Headers:
    """What tarfile reads an archive through."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LONGEST_READ:
            raise ValueError(f"a header of {size} bytes")
        return self._file.read(size)


def _members(file: BinaryIO) -> Iterator[tuple[str, int, int]]:
    """The regular files of an archive: name, where the content begins, and its bytes."""
    import tarfile  # most runs have no archive

    if file.read(2) == b"\x1f\x8b":
        raise LayoutError("it is compressed: unpack it with gunzip")
    file.seek(0)
    try:
        archive = tarfile.TarFile(fileobj=_Headers(file))  # type: ignore[arg-type]
        for count, one in enumerate(archive):
            if count >= _MOST_FILES:
                raise LayoutError(f"the archive has more than {_MOST_FILES:,} files")
            if one.isreg() and not one.issparse():  # a link is not followed: what it stands for is missing
                yield one.name.removeprefix("./"), one.offset_data, one.size
    except (tarfile.TarError, ValueError, OverflowError, EOFError) as error:
        if isinstance(error, LayoutError):
            raise
        raise LayoutError(f"it is neither a folder nor a tar archive: {error}") from error
