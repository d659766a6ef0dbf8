"""How a checkout is read: which tags are versions, whose commits count, what git may do for it."""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.base.dataclass import dataclass
from ecr_push.source.git.checkout import Seen
from ecr_push.versions.schemes.choice import SEMVER
from ecr_push.versions.schemes.scheme import Scheme, highest


@dataclass(frozen=True)
class GitReadOptions:
    """How a checkout is read.

    scheme:       which tags are versions.
    tag_prefix:   of a part of a monorepo: with `api/` only tags as `api/v1.2.3` count, as `v1.2.3`.
    paths:        only commits that touch one of these count, in the distance and among the commits of a
                  release. Relative to the work tree's top, taken literally; git decides what touches a path.
    need_commits: the commits since the last final release will be read, so that it is looked for.
    deepen:       history and tags that a CI's clone lacks may be fetched from its remote.
    trusted:      the checkout may belong to another user. Where a CI runs us it always may.
    seen:         what is known of it already, and content: the paths that go into the image, which are looked
                  at again; () for the whole checkout.
    """

    scheme: Scheme = SEMVER
    tag_prefix: str = ""
    paths: tuple[str, ...] = ()
    need_commits: bool = False
    deepen: bool = True
    trusted: bool = False
    seen: Seen | None = None
    content: tuple[str, ...] = ()

    def version_name(self, tag: str) -> str:
        """A git tag's name without the prefix; "" where the tag does not have it."""
        return tag.removeprefix(self.tag_prefix) if tag.startswith(self.tag_prefix) else ""

    def highest(self, names: Iterable[str]) -> str:
        """The highest version among names, "" where none is one; of equal ones the last name."""
        return highest(self.scheme, names)
