"""The version that follows from the release history: ReleaseHistory + Versioning -> Version. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ecr_push.base.errors import SourceError
from ecr_push.versions.history import ReleaseHistory
from ecr_push.versions.next_version import (
    Target,
    asked_by_commits,
    commits,
    followed,
    may_release,
    next_patch,
    said_by_file,
)
from ecr_push.versions.schemes.scheme import LONGEST_TAG, Number, Scheme, highest
from ecr_push.versions.version import Version
from ecr_push.versions.versioning import DESCRIBE, Versioning

if TYPE_CHECKING:
    from ecr_push.versions.conventional_commits import Decision
    from ecr_push.versions.files.content import Stated

# The channel of a branch without one of its own.
_CHANNEL = "dev"


def derive_version(
    history: ReleaseHistory,
    versioning: Versioning = DESCRIBE,
    *,
    decision: Decision | None = None,
    stated: Stated | None = None,
) -> Version:
    """The version of a commit.

    | the checkout, `describe`              | version              | release |
    |---------------------------------------|----------------------|---------|
    | on v1.4.2                             | 1.4.2                | yes     |
    | on v1.5.0-rc.1 and v1.5.0             | 1.5.0                | yes     |
    | on v1.5.0-rc.1                        | 1.5.0-rc.1           | yes     |
    | 5 commits after v1.4.2                | 1.4.3-dev.5          | no      |
    | 3 commits after v1.5.0-rc.1           | 1.5.0-rc.1.dev.3     | no      |
    | 3 commits after v1.5.0-beta           | 1.5.0-beta.0.dev.3   | no      |
    | commit 7 of a history with no release | 0.1.0-dev.7          | no      |
    | on v1.4.2, dirty                      | 1.4.3-dev.0+dirty    | no      |

    Each sorts above the release that it follows and below the next one. A commit that carries a release
    tag has that version, whatever the strategy; only `explicit` overrides it. A pull request is never a
    release, since its image may be built from a merge that exists nowhere else; code that may come from a
    fork is not either.

    decision: the release that the commits since `nearest_final` call for, for the strategy `conventional`.
    stated:   the version that the project's own file states, for the strategy `file`.

    Raises SourceError where a version would be wrong: a file's that goes backwards, or that is not valid in
    the scheme; and ConflictError where the version to release is taken.
    """
    if versioning.strategy == "explicit":
        return _explicit(history, versioning)
    _check_lengths(history, versioning.scheme)
    here = "" if history.dirty or history.no_release else highest(versioning.scheme, history.tags)
    if here and not _finishes(here, history, versioning):
        return _tagged(here, history, versioning)
    if versioning.strategy == "tag":
        return _none(
            history, versioning, history.no_release or "no release tag on this commit, and none is computed"
        )
    if versioning.strategy == "file":
        target = said_by_file(history, versioning, stated)
    elif not history.has_git:
        return _none(history, versioning, "no version can be computed without a git history")
    elif versioning.strategy == "conventional":
        target = asked_by_commits(history, versioning, decision)
    else:
        target = next_patch(history, versioning)
    stated_alone = not history.has_git and not history.no_release
    if target.asked and (stated_alone or may_release(history, versioning)):
        return _release(target, history, versioning)
    if here:
        return _tagged(here, history, versioning)
    return _snapshot(target, history, versioning)


def _explicit(history: ReleaseHistory, versioning: Versioning) -> Version:
    number = versioning.scheme.read(versioning.explicit)
    if number is None:
        raise SourceError(
            f"{versioning.explicit!r} is not a valid version",
            why=f"the version scheme is {versioning.scheme.name}",
        )
    target = Target(number, f"{versioning.explicit} was given")
    if history.no_release:  # the version may be of an older line than the commit
        return _snapshot(target, replace(history, nearest="", tags=()), versioning)
    if history.dirty:
        return replace(_release(target, history, versioning), is_release=False, dirty=True, new_git_tag="")
    return _release(target, history, versioning)


def _tagged(here: str, history: ReleaseHistory, versioning: Versioning) -> Version:
    return Version(
        versioning.scheme.read(here),
        is_release=True,
        git_tag=history.git_tag(here),
        distance=0,
        dirty=False,
        why=f"{history.git_tag(here)} is tagged on this commit",
        scheme=versioning.scheme,
        strategy=versioning.strategy,
    )


def _none(history: ReleaseHistory, versioning: Versioning, why: str) -> Version:
    base, distance = followed(history, versioning)
    return Version(
        None,
        False,
        history.git_tag(base),
        distance,
        bool(history.dirty),
        why,
        versioning.scheme,
        strategy=versioning.strategy,
    )


def _finishes(here: str, history: ReleaseHistory, versioning: Versioning) -> bool:
    """Whether a release ends the pre-releases of the tag here: v1.5.0-rc.1 becomes 1.5.0 on `main`."""
    number = versioning.scheme.read(here)
    return bool(
        number
        and not number.is_final
        and may_release(history, versioning)
        and history.branch
        and not versioning.channel(history.branch)
    )


def _release(target: Target, history: ReleaseHistory, versioning: Versioning) -> Version:
    scheme, number = versioning.scheme, target.number
    channel = versioning.channel(history.branch)
    if channel and number.is_final and versioning.strategy != "explicit":
        number = _next_numbered(number, channel, history, scheme)
    name, distance = followed(history, versioning)
    tagged = scheme.rank(highest(scheme, history.tags)) == number.rank
    new = may_release(history, versioning) and not tagged
    return Version(
        number,
        is_release=True,
        git_tag=history.git_tag(name),
        distance=distance,
        dirty=bool(history.dirty),
        why=target.why,
        scheme=scheme,
        strategy=versioning.strategy,
        new_git_tag=git_tag_of(number, history, scheme) if new else "",
    )


def _snapshot(target: Target, history: ReleaseHistory, versioning: Versioning) -> Version:
    scheme = versioning.scheme
    name, distance = followed(history, versioning)
    base, day = scheme.read(name), history.committed_at.date()
    coming = target.number if target.number.is_final else scheme.coming(target.number, "patch", day)
    why = target.why
    if history.dirty:
        why += f", and the checkout is changed ({_some(history.dirty)}): never a release"
    try:
        number = scheme.snapshot(
            base,
            coming,
            versioning.channel(history.branch) or _CHANNEL,
            distance,
            "dirty" if history.dirty else "",
        )
    except ValueError as error:
        raise SourceError(
            f"no version can be computed for {commits(distance)} after {name or 'the first commit'}",
            why=str(error),
            remedy="choose another --channel or --version-scheme",
        ) from error
    return Version(
        number,
        is_release=False,
        git_tag=history.git_tag(name),
        distance=distance,
        dirty=bool(history.dirty),
        why=why,
        scheme=scheme,
        strategy=versioning.strategy,
    )


def _next_numbered(target: Number, channel: str, history: ReleaseHistory, scheme: Scheme) -> Number:
    """The next pre-release of a channel: after v1.5.0-rc.2 comes 1.5.0-rc.3."""
    try:
        first = scheme.numbered(target, channel, 1)
    except ValueError as error:
        raise SourceError(
            f"{target} cannot have a pre-release {channel!r}",
            why=str(error),
            remedy="choose another --channel",
        ) from error
    stem = first.text.removesuffix("1")
    known = (scheme.read(tag) for tag in history.release_tags)
    counts = (one.text.removeprefix(stem) for one in known if one and one.text.startswith(stem))
    count = max((int(text) for text in counts if text.isdecimal()), default=0)
    return scheme.numbered(target, channel, count + 1)


def git_tag_of(number: Number, history: ReleaseHistory, scheme: Scheme) -> str:
    """The git tag of a version that is not tagged yet: with `v` or without, as this repository's are."""
    known = history.nearest or highest(scheme, history.release_tags)
    lead = "" if known and not known.startswith("v") else "v"
    return history.tag_prefix + lead + number.full


def _check_lengths(history: ReleaseHistory, scheme: Scheme) -> None:
    """Raises SourceError for a release tag that is too long for an image tag: ignoring it would be wrong."""
    for tag in history.tags:
        if len(tag) > LONGEST_TAG and not scheme.rank(tag) and re.match(r"v?[0-9]+\.[0-9]", tag):
            raise SourceError(
                f"the git tag {tag!r} cannot become an image tag",
                why=f"it has {len(tag)} characters, and an image tag can have {LONGEST_TAG}",
                remedy="give the commit a shorter version tag",
            )


def _some(paths: tuple[str, ...], shown: int = 3) -> str:
    rest = len(paths) - shown
    return ", ".join(paths[:shown]) + (f" and {rest} more" if rest > 0 else "")
