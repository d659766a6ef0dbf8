"""A commit among the releases of its repository: the noun that a version is derived from."""

from __future__ import annotations

from datetime import datetime

from ecr_push.base.dataclass import dataclass


@dataclass(frozen=True)
class ReleaseHistory:
    """A commit, and the release tags on it, before it and elsewhere in its repository.

    committed_at:  the commit's date, in UTC.
    branch:        the branch that it is built for, "" where that is unknown.
    tags:          all tags on the commit, in order of name. With a tag prefix only those that have it,
                   without it.
    dirty:         tracked paths that differ from the commit.
    nearest:       the release tag that the commit follows, or "".
    distance:      commits since nearest; all commits up to this one where there is no nearest.
    nearest_final: like nearest, among final releases; only where the commits since were asked for.
    release_tags:  every tag of the repository that is a version.
    higher_tags:   those of them above the release on the commit; None where it has none.
    tag_prefix:    what precedes the names of release tags in git; all names here are without it.
    has_git:       False where there is no `.git`, and all of this is what the CI says.
    run_tag:       the git tag that the run is for, in full; "" for none, or another commit's.
    other_tags:    every tag of the repository, in full, where none of them is a version.
    no_release:    why this is never a release, whatever tags are on it; "" where it may be one.
    """

    committed_at: datetime
    branch: str = ""
    tags: tuple[str, ...] = ()
    dirty: tuple[str, ...] = ()
    nearest: str = ""
    distance: int = 0
    nearest_final: str = ""
    release_tags: tuple[str, ...] = ()
    higher_tags: tuple[str, ...] | None = None
    tag_prefix: str = ""
    run_tag: str = ""
    other_tags: tuple[str, ...] = ()
    has_git: bool = True
    no_release: str = ""

    def git_tag(self, name: str) -> str:
        """The tag in git that a version's name stands for; "" for ""."""
        return self.tag_prefix + name if name else ""
