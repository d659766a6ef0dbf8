"""What an image contains, as far as a scanner cares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

PackageKind = Literal["deb", "apk", "pypi"]


class UnreadableImageError(Exception):
    """The image's content cannot be read: its scan fails, it does not pass."""


class UnsupportedImageError(Exception):
    """No operating system or package manager that we know: there is nothing to judge the image by."""


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
    source_name:     what advisories of a distribution name: the source (Debian) or origin (Alpine) package.
    source_version:  that one's version, which may differ from the binary package's.
    path:            the file in the image that says so, without a leading slash.
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
    """What one database file says.

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
    """A kind of package database; each is a module of its own."""

    MAX_BYTES: int
    """A file of more bytes than this is not read."""

    def matches(self, path: str) -> bool:
        """Whether a path, relative to the image's root, is such a database."""

    def read(self, path: str, content: bytes) -> Contents:
        """What the file says. Lenient: a line that makes no sense is skipped."""


def stanzas(text: str) -> Iterable[list[str]]:
    """Blocks of lines between empty lines."""
    block: list[str] = []
    for line in text.splitlines():
        if line.strip():
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block
