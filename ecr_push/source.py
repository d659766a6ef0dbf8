"""What git says about the checkout: commit, branch, tags, distance, dirtiness, time.

Git does the walking, in a handful of commands; nothing here loops over commits. Where git cannot
know the answer (a shallow clone, tags that were not fetched), we refuse and never guess.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from ecr_push import precedence
from ecr_push.ci.facts import CiFacts
from ecr_push.errors import SourceError
from ecr_push.remote import public_url

if TYPE_CHECKING:
    from ecr_push.git_command import GitCommand

_FULL_CLONE = {
    "": "git fetch --unshallow --tags",
    "github": "give actions/checkout `fetch-depth: 0`, or run: git fetch --unshallow --tags",
    "jenkins": "switch off `Shallow clone` and switch on `Fetch tags` under the Git source's "
    "advanced clone behaviours, or run: git fetch --unshallow --tags",
    "codebuild": "set the source's `Git clone depth` to Full, or run: git fetch --unshallow --tags",
}


@dataclass(frozen=True)
class Source:
    """A commit in a checkout, and what git and the CI know about it.

    root:           the work tree's top folder.
    commit:         the commit that is checked out, in full: on a pull request maybe a merge commit.
    committed_at:   the committer's date, in UTC.
    branch:         empty on a detached HEAD of which the CI says nothing. Never a pull request's.
    tags:           all tags on this commit, in order of name.
    dirty:          tracked paths that differ from the commit, from the root on; untracked files are
                    not counted, as in `git describe --dirty`.
    nearest:        the release tag that this commit follows, or "": see `_follow`.
    distance:       commits since nearest; all commits up to this one where there is no nearest.
    release_tags:   every tag of the repository that is a full semantic version.
    branches:       the branches that this clone knows, its own and its remotes'.
    remote_url:     where the source is, as https and without credentials; empty where that is unknown.
    default_branch: empty where neither git nor the CI says.
    pull_request:   its number, when the CI runs for one.
    """

    root: Path
    commit: str
    committed_at: datetime
    branch: str = ""
    tags: tuple[str, ...] = ()
    dirty: tuple[str, ...] = ()
    nearest: str = ""
    distance: int = 0
    release_tags: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    remote_url: str = ""
    default_branch: str = ""
    pull_request: str = ""

    @property
    def short(self) -> str:
        """The commit's first 12 digits, as tags show them."""
        return self.commit[:12]
