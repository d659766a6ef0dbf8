"""How a checkout is to be read: which tags are versions, whose commits count, what git may do for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ecr_push.versions.schemes.choice import SEMVER
from ecr_push.versions.schemes.scheme import Scheme, highest


@dataclass(frozen=True)
class Reading:
    """
    scheme:     which tags are versions.
    tag_prefix: of a part of a monorepo: with `api/` only tags as `api/v1.2.3` count, as `v1.2.3`.
    paths:      only commits that touch one of these count, as distance and as changes. Relative to the work
                tree's top, taken literally; git decides what touches a path.
    changes:    the last final release is wanted, too.
    deepen:     history and tags that a CI's clone lacks may be fetched from its remote.
    trusted:    the checkout may belong to another user. Where a CI runs us it always may.
    """

    scheme: Scheme = SEMVER
    tag_prefix: str = ""
    paths: tuple[str, ...] = ()
    changes: bool = False
    deepen: bool = True
    trusted: bool = False

    def version_name(self, tag: str) -> str:
        """A git tag's name without the prefix; "" where the tag is not one of ours."""
        return tag.removeprefix(self.tag_prefix) if tag.startswith(self.tag_prefix) else ""

    def highest(self, names: Iterable[str]) -> str:
        """The highest version among names, "" where none is one; equals are told apart by name."""
        return highest(self.scheme, names)
