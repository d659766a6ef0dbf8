"""How versions are derived: what a user chose. Nouns alone."""

from __future__ import annotations

from fnmatch import fnmatchcase

from ecr_push.base.dataclass import dataclass
from ecr_push.versions.options import Channel, Strategy
from ecr_push.versions.schemes.choice import SEMVER
from ecr_push.versions.schemes.scheme import Scheme


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
