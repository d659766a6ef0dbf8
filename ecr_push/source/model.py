"""The commit that an image is built from, and what git and the CI know about it: the noun."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.source.git.command import GitCommand
from ecr_push.versions.history import ReleaseHistory

Lacking = Literal["history", "tags", "trees"]


@dataclass(frozen=True)
class Source:
    """A commit in a checkout, and what git and the CI know about it.

    root:           the work tree's top folder.
    commit:         the commit that the image is named after, in full: the one in the work tree, or on a
                    pull request whose merge commit is there the pull request's head.
    history:        the releases around the commit in the work tree. Its branch is never a pull request's,
                    and "" on a detached HEAD whose branch the CI does not name. Its dirty paths start at
                    the root; untracked files are not counted, as in `git describe --dirty`.
    branches:       the branches that this clone knows, its own and its remotes'.
    remote_url:     where the source is, as https and without credentials; empty where that is unknown.
    default_branch: empty where neither git nor the CI names it.
    pull_request:   its number, when the CI runs for one that is in the work tree.
    built_from:     the commit in the work tree, in full. Versions and distances are this one's.
    foreign:        the checkout belongs to another user: see `GitCommand`.
    lacked:         what the clone did not have, and was fetched: see `Lacking`.
    notes:          what the user should know about how the source was read.
    """

    root: Path
    commit: str
    history: ReleaseHistory
    branches: tuple[str, ...] = ()
    remote_url: str = ""
    default_branch: str = ""
    pull_request: str = ""
    built_from: str = ""
    foreign: bool = False
    lacked: frozenset[Lacking] = frozenset()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.built_from:
            object.__setattr__(self, "built_from", self.commit)

    @property
    def short(self) -> str:
        """The commit's first 12 digits, as tags show them."""
        return self.commit[:12]

    @property
    def is_merge(self) -> bool:
        """Whether a pull request's merge with its target is built, and not quite its own commit."""
        return self.built_from != self.commit

    @property
    def committed_at(self) -> datetime:
        """The committer's date of commit, in UTC."""
        return self.history.committed_at

    @property
    def branch(self) -> str:
        return self.history.branch

    @property
    def dirty(self) -> tuple[str, ...]:
        return self.history.dirty

    @property
    def has_git(self) -> bool:
        return self.history.has_git

    @property
    def git(self) -> GitCommand:
        """git at the checkout's top."""
        return GitCommand(self.root, self.foreign)
