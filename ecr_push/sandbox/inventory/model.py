"""The content of an image that a scanner uses."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

MAX_LINES = 2_000_000

PackageKind = Literal["deb", "apk", "pypi"]


class UnreadableImageError(Exception):
    """The image's content cannot be read: its scan fails, and does not pass."""


class UnsupportedImageError(Exception):
    """The image has no known operating system or package manager, so that it cannot be scanned."""


@dataclass(frozen=True)
class OperatingSystem:
    """From os-release(5): id is `debian`, release `12`."""

    id: str
    release: str


@dataclass(frozen=True)
class InstalledPackage:
    """One installed package.

    kind:            the package manager, as a package URL names it.
    ecosystem:       OSV's name with the release, such as `Debian:12`, `Alpine:v3.19`, `PyPI`.
    source_name:     the source (Debian) or origin (Alpine) package, which a distribution's advisories name.
    source_version:  the version of that, which may differ from the binary package's.
    path:            the database file in the image, without a leading slash.
    layer:           digest of the last layer that changed it.
    """

    name: str
    version: str
    kind: PackageKind
    source_name: str
    source_version: str
    path: str
    architecture: str = ""
    ecosystem: str = ""
    layer: str = ""


@dataclass(frozen=True)
class Contents:
    """The content of one database file.

    owned:  paths of Python metadata that belong to packages of the operating system.
    """

    packages: tuple[InstalledPackage, ...] = ()
    operating_system: OperatingSystem | None = None
    owned: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Inventory:
    """An image's packages, sorted by kind, name and path."""

    operating_system: OperatingSystem
    packages: tuple[InstalledPackage, ...]


class PackageDatabase(Protocol):
    """A kind of package database; each is a module."""

    MAX_BYTES: int
    """The limit of a file's size; a larger file is not read."""

    def matches(self, path: str) -> bool:
        """Whether a path, relative to the image's root, is such a database file."""

    def read(self, path: str, content: bytes) -> Contents:
        """Reads the file. Lenient: a line that is not valid is skipped."""


def stanzas(text: str) -> Iterable[list[str]]:
    """Splits text into blocks of lines between empty lines.

    Raises UnreadableImageError for more than MAX_LINES: each costs memory beyond its own length.
    """
    block: list[str] = []
    for count, line in enumerate(io.StringIO(text, newline=None)):
        if count >= MAX_LINES:
            raise UnreadableImageError(f"a package database has more than {MAX_LINES:,} lines")
        if line.strip():
            block.append(line.removesuffix("\n"))
        elif block:
            yield block
            block = []
    if block:
        yield block
