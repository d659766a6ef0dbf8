"""How versions are derived: what a user chose. Nouns alone."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from ecr_push.versions.schemes.choice import SEMVER
from ecr_push.versions.schemes.scheme import Scheme

Strategy = Literal["describe", "tag", "conventional", "file", "explicit"]


@dataclass(frozen=True)
class Channel:
    """What the pre-releases of the branches that match pattern (`release/*`) are called."""

    pattern: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Channel:
        """`next=rc`. Raises ValueError."""
        pattern, equals, name = (part.strip() for part in text.rpartition("="))
        if not equals or not pattern or not (name.isascii() and name.replace("-", "a").isalnum()):
            raise ValueError(
                f"{text!r} is no channel: expected BRANCH=NAME, such as next=rc or 'hotfix/*=fix'"
            )
        if name.isdigit():
            raise ValueError(f"{text!r}: a channel's name needs a letter, such as rc")
        return cls(pattern, name)


@dataclass(frozen=True)
class Versioning:
    """How versions are derived: what a user chose.

    explicit: the version itself, for that strategy.
    release:  the version is to be released: one that no tag names yet is computed without a `-dev.N`.
    """

    strategy: Strategy = "describe"
    scheme: Scheme = SEMVER
    channels: tuple[Channel, ...] = ()
    explicit: str = ""
    release: bool = False

    def channel(self, branch: str) -> str:
        """The channel that a branch has been given, or ""."""
        found = (one.name for one in self.channels if branch and fnmatchcase(branch, one.pattern))
        return next(found, "")


DESCRIBE = Versioning()
