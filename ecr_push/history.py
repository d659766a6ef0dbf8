"""Tags, branches and the way from a release to here: what of git's history a version needs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from ecr_push import precedence
from ecr_push.git_command import GitCommand

REMOTE_HEAD = "refs/remotes/origin/HEAD"

# git's warning, since 2.26 and before
_RENAMED = re.compile(r"tag '(?P<now>[^']+)' is externally known as|is really '(?P<then>[^']+)' here")
_LOOKALIKE = re.compile(r"v?[0-9].*\.[0-9].*\.[0-9]")


@dataclass(frozen=True)
class Refs:
    """The tags and branches of a repository, read at once."""

    commits: Mapping[str, str]  # tag -> commit
    tags: Mapping[str, list[str]]  # commit -> tags
    branches: tuple[str, ...]
    has_default: bool


def read_refs(git: GitCommand) -> Refs:
    """All refs, in one command. Raises SourceError where git cannot read them."""
    # `show-ref --dereference` takes a packed tag's commit from packed-refs; for-each-ref opens
    # every tag object for it, ten times the time. An annotated tag has a second line, `NAME^{}`.
    commits: dict[str, str] = {}
    branches: dict[str, None] = {}
    has_default = False
    for line in git.tell("show-ref", "--dereference", fine=(0, 1)).lines:
        identity, _, ref = line.partition(" ")
        if ref.startswith("refs/tags/"):
            commits[ref.removeprefix("refs/tags/").removesuffix("^{}")] = identity
        elif ref == REMOTE_HEAD:
            has_default = True
        elif ref.startswith("refs/heads/"):
            branches[ref.removeprefix("refs/heads/")] = None
        elif ref.startswith("refs/remotes/"):
            branches[ref.split("/", 3)[-1]] = None
    tags: dict[str, list[str]] = defaultdict(list)
    for tag, commit in commits.items():
        tags[commit].append(tag)
    return Refs(commits, tags, tuple(branches), has_default)


def follow(git: GitCommand, refs: Refs, release_tags: tuple[str, ...]) -> tuple[str, int]:
    """The release tag that HEAD follows, and the commits since.

    That is the one that `git describe` finds, the fewest commits away, and of several on its commit
    the highest. When a branch with a higher release was merged since (v1.5.0 is on main, and the
    hotfix v1.4.3 was merged a minute ago, or the other way round), it is that release: a version
    never falls below one that it contains.
    """
    name, distance = _describe(git, refs) if release_tags else ("", 0)
    if not name:
        return "", _count(git, "HEAD")
    nearest = precedence.highest(refs.tags[refs.commits[name]])
    if precedence.highest(release_tags) == nearest:
        return nearest, distance
    since = git.tell("rev-list", f"{refs.commits[nearest]}..HEAD").lines
    top = precedence.highest(tag for commit in since for tag in (nearest, *refs.tags.get(commit, ())))
    return (nearest, distance) if top == nearest else (top, _count(git, f"{refs.commits[top]}..HEAD"))


def _describe(git: GitCommand, refs: Refs) -> tuple[str, int]:
    """The tag that git finds and the commits since; "" and 0 where no release tag can be reached."""
    # Globs cannot tell 1.4.2 from 1.4.2.1 or 2024.01.05: what else they match is excluded by name.
    lookalikes = [tag for tag in refs.commits if _LOOKALIKE.match(tag) and not precedence.is_release_tag(tag)]
    answer = git.ask(
        *("describe", "--tags", "--long"),
        *("--match=v[0-9]*.[0-9]*.[0-9]*", "--match=[0-9]*.[0-9]*.[0-9]*"),
        *(f"--exclude={tag}" for tag in lookalikes),
        "HEAD",
    )
    if answer.status and re.search("(no tags can|cannot) describe", answer.error, re.IGNORECASE):
        return "", 0
    # TAG-DISTANCE-gCOMMIT; of an annotated tag that was renamed git tells the name inside the tag object.
    name, distance, _ = answer.checked("describe", git.folder).output.rsplit("-", 2)
    renamed = _RENAMED.search(answer.error)
    return renamed[renamed.lastgroup or 0] if renamed else name, int(distance)


def _count(git: GitCommand, commits: str) -> int:
    return int(git.tell("rev-list", "--count", commits).output)
