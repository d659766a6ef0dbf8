"""Which versions can be released, from which branch, and which tags one gets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.version import Version as PythonVersion
from semver import Version

# What Semantic Versioning and PEP 440 both know, so that a version is the same as a tag and on an index.
_PRERELEASE = re.compile(r"(?:alpha|beta|rc)\.(?:0|[1-9]\d*)")
_LINE = re.compile(r"(?P<major>0|[1-9]\d*)(?:\.(?P<minor>0|[1-9]\d*))?\.x")


@dataclass(frozen=True)
class Release:
    """A version that is to be released."""

    version: Version

    @classmethod
    def parse(cls, text: str) -> Release:
        """Raises ValueError with what is expected instead."""
        try:
            version = Version.parse(text)
        except ValueError:
            expected = "MAJOR.MINOR.PATCH, such as 1.2.3"
            raise ValueError(f"{text!r} is not a version: expected {expected}") from None
        if version.build:
            raise ValueError(f"{text!r}: a release has no build metadata: leave out +{version.build}")
        if version.prerelease and not _PRERELEASE.fullmatch(version.prerelease):
            such = f"{version.finalize_version()}-rc.1"
            raise ValueError(f"{text!r}: a pre-release is alpha.N, beta.N or rc.N, such as {such}")
        return cls(version)

    @property
    def is_final(self) -> bool:
        return not self.version.prerelease

    @property
    def tag(self) -> str:
        return f"v{self.version}"

    @property
    def python(self) -> str:
        """The version as PEP 440 writes it: 1.2.0rc1 of 1.2.0-rc.1."""
        return str(PythonVersion(str(self.version)))

    def floating(self, released: Iterable[Version]) -> tuple[str, ...]:
        """The tags that move to it, `v1.2` and `v1`: those of whose line no higher version is released.

        A pre-release moves none.
        """
        if not self.is_final:
            return ()
        higher = [one for one in released if not one.prerelease and one > self.version]
        minor = (self.version.major, self.version.minor)
        tags = []
        if not any((one.major, one.minor) == minor for one in higher):
            tags.append(f"v{minor[0]}.{minor[1]}")
        if not any(one.major == minor[0] for one in higher):
            tags.append(f"v{minor[0]}")
        return tuple(tags)


@dataclass(frozen=True)
class Line:
    """The versions that a branch releases: `main` any, `1.x` those of 1, `1.2.x` those of 1.2."""

    branch: str
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, branch: str) -> Line | None:
        """None: nothing is released from such a branch."""
        if branch == "main":
            return cls(branch, ())
        if not (found := _LINE.fullmatch(branch)):
            return None
        return cls(branch, tuple(int(number) for number in found.groups() if number is not None))

    def __contains__(self, version: Version) -> bool:
        return (version.major, version.minor)[: len(self.numbers)] == self.numbers

    def highest(self, released: Iterable[Version]) -> Version | None:
        return max((one for one in released if one in self), default=None)


def released_versions(tags: Iterable[str]) -> set[Version]:
    """The versions among tags; `v1`, `v1.2` and what is not a version's tag are passed over."""
    return {
        Version.parse(tag.removeprefix("v"))
        for tag in tags
        if tag.startswith("v") and Version.is_valid(tag.removeprefix("v"))
    }
