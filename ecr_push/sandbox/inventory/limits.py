"""What the scanner spends on one image, at most. Beyond that its scan fails: it is never a clean result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ecr_push.base.clock import SystemClock
from ecr_push.sandbox.inventory.model import Contents, UnreadableImageError


@dataclass(frozen=True)
class Limits:
    """The limits of one image, over all of its layers. A database's own size is `MAX_BYTES` of its module.

    unpacked_bytes:  after decompression; a layer that is read twice, for its links, counts twice.
    databases:       files that list packages: each Python distribution has one.
    path_bytes:      of all databases' paths; path_depth: the folders of each.
    name_length:     of a package's name, and of its version.
    """

    layers: int = 1_000
    unpacked_bytes: int = 64 * 1024**3
    entries: int = 5_000_000
    databases: int = 100_000
    path_bytes: int = 8 * 1024**2
    path_depth: int = 64
    packages: int = 250_000
    name_length: int = 512
    seconds: float = 600.0


DEFAULT_LIMITS = Limits()
_MONOTONIC = SystemClock().monotonic


class Budget:
    """What is left of an image's limits. Each method raises UnreadableImageError when it is used up."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS, monotonic: Callable[[], float] = _MONOTONIC) -> None:
        self.limits = limits
        self._monotonic = monotonic
        self._end = monotonic() + limits.seconds
        self._bytes = limits.unpacked_bytes
        self._entries = limits.entries
        self._databases = limits.databases
        self._path_bytes = limits.path_bytes
        self._packages = limits.packages

    def unpack(self, count: int) -> None:
        """So many bytes were decompressed."""
        self._bytes -= count
        if self._bytes < 0:
            raise UnreadableImageError(f"it unpacks to more than {self.limits.unpacked_bytes:,} bytes")
        self._check_time()

    def enter(self) -> None:
        """The next entry of a layer was read."""
        self._entries -= 1
        if self._entries < 0:
            raise UnreadableImageError(f"it has more than {self.limits.entries:,} entries")
        self._check_time()

    def find(self, path: str) -> None:
        """A database was found."""
        self._databases -= 1
        self._path_bytes -= len(path)
        if self._databases < 0:
            raise UnreadableImageError(f"it has more than {self.limits.databases:,} package databases")
        if self._path_bytes < 0:
            raise UnreadableImageError("the paths of its package databases are too long")
        if path.count("/") > self.limits.path_depth:
            raise UnreadableImageError(
                f"a package database lies below more than {self.limits.path_depth} folders"
            )

    def list(self, contents: Contents) -> Contents:
        """A database was read; returns it."""
        self._packages -= len(contents.packages)
        if self._packages < 0:
            raise UnreadableImageError(f"it has more than {self.limits.packages:,} packages")
        for package in contents.packages:
            if any(
                len(text) > self.limits.name_length
                for text in (package.name, package.version, package.source_name, package.source_version)
            ):
                raise UnreadableImageError(
                    f"{package.path} has a name or version of more than {self.limits.name_length} characters"
                )
        return contents

    def _check_time(self) -> None:
        if self._monotonic() > self._end:
            raise UnreadableImageError(f"reading it took more than {self.limits.seconds:g} s")
