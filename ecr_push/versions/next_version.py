"""The next version, by each strategy: a release becomes it, a snapshot sorts before it. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import ConflictError, SourceError
from ecr_push.versions.history import ReleaseHistory
from ecr_push.versions.schemes.scheme import Level, Number, highest
from ecr_push.versions.versioning import Versioning

if TYPE_CHECKING:
    from ecr_push.versions.conventional_commits import Decision
    from ecr_push.versions.files.content import Stated


@dataclass(frozen=True)
class Target:
    """The next final version: a release becomes it, a snapshot sorts before it.

    why:   what it follows from. asked: a commit, a file or the user calls for its release.
    """

    number: Number
    why: str
    asked: bool = True


def next_patch(history: ReleaseHistory, versioning: Versioning) -> Target:
    scheme = versioning.scheme
    name, distance = followed(history, versioning)
    base = scheme.read(name)
    if base is None:
        return Target(scheme.first(history.committed_at.date()), f"no release tag among {commits(distance)}")
    number = _above(base, "patch", history, versioning)
    return Target(number, f"{commits(distance)} after {history.git_tag(name)}")


def _above(base: Number, level: Level, history: ReleaseHistory, versioning: Versioning) -> Number:
    """The next final version. A release gets its own day's, and never the next day's: see `Scheme.coming`."""
    scheme, day = versioning.scheme, history.committed_at.date()
    if not may_release(history, versioning) or versioning.channel(history.branch):
        return scheme.coming(base, level, day)
    try:
        return scheme.bump(base, level, day)
    except ValueError as error:
        raise ConflictError(f"no version can be released after {base}", why=str(error)) from error


def asked_by_commits(history: ReleaseHistory, versioning: Versioning, decision: Decision | None) -> Target:
    scheme = versioning.scheme
    plain = next_patch(history, replace(versioning, release=False))
    if decision is None or decision.level is None:
        return replace(plain, why=f"{plain.why}, none of which raises the version", asked=False)
    final = scheme.read(history.nearest_final)
    target = (
        _above(final, decision.level, history, versioning)
        if final
        else scheme.first(history.committed_at.date())
    )
    # A pre-release of a higher version has been announced already, and it is not released yet.
    target = max(target, plain.number, key=lambda number: number.rank)
    before = history.nearest_final
    after = f" after {history.git_tag(before)}" if before not in ("", history.nearest) else ""
    return Target(target, f"{plain.why}; {decision.reason}{after}")


def said_by_file(history: ReleaseHistory, versioning: Versioning, stated: Stated | None) -> Target:
    if stated is None:
        raise TypeError("the strategy `file` needs the version that the file states")
    scheme = versioning.scheme
    number = scheme.read(stated.version)
    if number is None:
        raise SourceError(
            f"{stated.where} is {stated.version!r}, which is not a valid version",
            why=f"the version scheme is {scheme.name}",
            remedy="fix the file, or choose another --version-scheme",
        )
    target = Target(number, f"{stated.where} is {stated.version}", asked=not stated.is_development)
    base_name, distance = followed(history, versioning)
    base = scheme.read(base_name)
    if base is None or number.rank > base.rank:
        after = f", {commits(distance)} after {base_name}" if base else ""
        return replace(target, why=f"{target.why}{after}")
    if number.rank < base.rank:
        raise SourceError(
            f"{stated.where} is {stated.version}, below {history.git_tag(base_name)} in its history",
            why="a version never goes backwards",
            remedy=f"raise the version in the file above {base.text}",
        )
    if may_release(history, versioning) and not highest(scheme, history.tags):
        raise ConflictError(
            f"{stated.version} is already released, as {history.git_tag(base_name)}",
            why=f"{stated.where} is still the same, {commits(distance)} later",
            remedy="raise the version in the file, and commit it",
        )
    plain = next_patch(history, versioning)
    return replace(plain, why=f"{plain.why}, which {stated.where} still names", asked=False)


def followed(history: ReleaseHistory, versioning: Versioning) -> tuple[str, int]:
    """The release that the commit carries or follows, without the prefix, and the commits since."""
    here = highest(versioning.scheme, history.tags)
    return (here, 0) if here else (history.nearest, history.distance)


def may_release(history: ReleaseHistory, versioning: Versioning) -> bool:
    """Whether this run may release the commit: no pull request, code of a fork, or uncommitted change."""
    return versioning.release and history.has_git and not history.no_release and not history.dirty


def commits(count: int) -> str:
    return "1 commit" if count == 1 else f"{count} commits"
