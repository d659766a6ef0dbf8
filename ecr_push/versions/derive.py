"""The version that follows from the source: Source + Versioning -> Version. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ecr_push.base.errors import SourceError
from ecr_push.source.read import Source
from ecr_push.versions.conventional_commits import Decision
from ecr_push.versions.files.read import Stated
from ecr_push.versions.next_version import (
    Target,
    asked_by_commits,
    commits,
    followed,
    may_release,
    next_patch,
    said_by_file,
)
from ecr_push.versions.options import DESCRIBE, Strategy, Versioning
from ecr_push.versions.schemes.choice import SEMVER
from ecr_push.versions.schemes.scheme import LONGEST_TAG, Number, Scheme, highest

# What the pre-releases of a branch are called where nobody says.
_CHANNEL = "dev"


@dataclass(frozen=True)
class Version:
    """The version of what is built, and how it was found.

    number:      None where the commit has no version. Its build metadata (`+dirty`) is left out of image
                 tags, and kept in the label.
    is_release:  a clean checkout of a version that was tagged, stated or is released by this run; a
                 pre-release can be one too.
    git_tag:     the release tag that the version comes from, "" where there is none.
    distance:    commits since that tag.
    why:         a sentence for the user, without a full stop.
    new_git_tag: the git tag that this run creates once the image is promoted, "" for none.
    strategy:    what was asked for; a tag on the commit may have come first.
    """

    number: Number | None
    is_release: bool
    git_tag: str
    distance: int
    dirty: bool
    why: str
    scheme: Scheme = SEMVER
    new_git_tag: str = ""
    strategy: Strategy = "describe"

    @property
    def is_final(self) -> bool:
        """A release, and no pre-release: only such a version may move floating tags."""
        return self.is_release and self.number is not None and self.number.is_final

    @property
    def text(self) -> str:
        """The version without build metadata, which an image tag cannot hold (`+`). "" for none."""
        return self.number.text if self.number else ""

    def __str__(self) -> str:
        return self.number.full if self.number else ""


def derive_version(
    source: Source,
    versioning: Versioning = DESCRIBE,
    *,
    decision: Decision | None = None,
    stated: Stated | None = None,
) -> Version:
    """The version of a source.

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
    tag has that version, whatever the strategy; `explicit` alone overrules it. A pull request is never a
    release, since its image may be built from what nobody merged, nor is what may be an outsider's.

    decision: what the commits since `nearest_final` ask for, for the strategy `conventional`.
    stated:   what the project's own file says, for the strategy `file`.

    Raises SourceError where a version would be wrong: a file's that goes backwards, or that cannot be read
    in the scheme; and where the version that is to be released is taken.
    """
    if versioning.strategy == "explicit":
        return _explicit(source, versioning)
    _check_lengths(source, versioning.scheme)
    here = "" if source.dirty or source.no_release else highest(versioning.scheme, source.tags)
    if here and not _finishes(here, source, versioning):
        return _tagged(here, source, versioning)
    if versioning.strategy == "tag":
        return _none(
            source, versioning, source.no_release or "no release tag on this commit, and none is computed"
        )
    if versioning.strategy == "file":
        target = said_by_file(source, versioning, stated)
    elif not source.has_git:
        return _none(source, versioning, "there is no git history here to derive it from")
    elif versioning.strategy == "conventional":
        target = asked_by_commits(source, versioning, decision)
    else:
        target = next_patch(source, versioning)
    stated_alone = not source.has_git and not source.no_release
    if target.asked and (stated_alone or may_release(source, versioning)):
        return _release(target, source, versioning)
    if here:
        return _tagged(here, source, versioning)
    return _snapshot(target, source, versioning)


def _explicit(source: Source, versioning: Versioning) -> Version:
    number = versioning.scheme.read(versioning.explicit)
    if number is None:
        raise SourceError(
            f"{versioning.explicit!r} is no version",
            why=f"it is not one of the scheme {versioning.scheme.name}",
        )
    said = Target(number, f"{versioning.explicit} was given")
    if source.no_release:  # it may be said of an older line than the one that it is built on
        return _snapshot(said, replace(source, nearest="", tags=()), versioning)
    if source.dirty:
        return replace(_release(said, source, versioning), is_release=False, dirty=True, new_git_tag="")
    return _release(said, source, versioning)


def _tagged(here: str, source: Source, versioning: Versioning) -> Version:
    return Version(
        versioning.scheme.read(here),
        is_release=True,
        git_tag=source.tag_prefix + here,
        distance=0,
        dirty=False,
        why=f"{source.tag_prefix}{here} is tagged on this commit",
        scheme=versioning.scheme,
        strategy=versioning.strategy,
    )


def _none(source: Source, versioning: Versioning, why: str) -> Version:
    base, distance = followed(source, versioning)
    return Version(
        None,
        False,
        source.tag_prefix + base if base else "",
        distance,
        bool(source.dirty),
        why,
        versioning.scheme,
        strategy=versioning.strategy,
    )


def _finishes(here: str, source: Source, versioning: Versioning) -> bool:
    """Whether a release ends the pre-releases of the tag here: v1.5.0-rc.1 becomes 1.5.0 on `main`."""
    number = versioning.scheme.read(here)
    return bool(
        number
        and not number.is_final
        and may_release(source, versioning)
        and source.branch
        and not versioning.channel(source.branch)
    )


def _release(target: Target, source: Source, versioning: Versioning) -> Version:
    scheme, number = versioning.scheme, target.number
    channel = versioning.channel(source.branch)
    if channel and number.is_final and versioning.strategy != "explicit":
        number = _next_numbered(number, channel, source, scheme)
    name, distance = followed(source, versioning)
    tagged = scheme.rank(highest(scheme, source.tags)) == number.rank
    new = may_release(source, versioning) and not tagged
    return Version(
        number,
        is_release=True,
        git_tag=source.tag_prefix + name if name else "",
        distance=distance,
        dirty=bool(source.dirty),
        why=target.why,
        scheme=scheme,
        strategy=versioning.strategy,
        new_git_tag=source.tag_prefix + _lead(source, scheme) + number.full if new else "",
    )


def _snapshot(target: Target, source: Source, versioning: Versioning) -> Version:
    scheme = versioning.scheme
    name, distance = followed(source, versioning)
    base, day = scheme.read(name), source.committed_at.date()
    coming = target.number if target.number.is_final else scheme.coming(target.number, "patch", day)
    why = target.why
    if source.dirty:
        why += f", and the checkout is changed ({_some(source.dirty)}): never a release"
    try:
        number = scheme.snapshot(
            base,
            coming,
            versioning.channel(source.branch) or _CHANNEL,
            distance,
            "dirty" if source.dirty else "",
        )
    except ValueError as error:
        raise SourceError(
            f"there is no version for {commits(distance)} after {name or 'the beginning'}",
            why=str(error),
            remedy="choose another --channel or --version-scheme",
        ) from error
    return Version(
        number,
        is_release=False,
        git_tag=source.tag_prefix + name if name else "",
        distance=distance,
        dirty=bool(source.dirty),
        why=why,
        scheme=scheme,
        strategy=versioning.strategy,
    )


def _next_numbered(target: Number, channel: str, source: Source, scheme: Scheme) -> Number:
    """The next pre-release of a channel: after v1.5.0-rc.2 comes 1.5.0-rc.3."""
    try:
        first = scheme.numbered(target, channel, 1)
    except ValueError as error:
        raise SourceError(
            f"there is no pre-release {channel!r} of {target}",
            why=str(error),
            remedy="choose another --channel",
        ) from error
    stem = first.text.removesuffix("1")
    known = (scheme.read(tag) for tag in source.release_tags)
    counts = (one.text.removeprefix(stem) for one in known if one and one.text.startswith(stem))
    count = max((int(text) for text in counts if text.isdecimal()), default=0)
    return scheme.numbered(target, channel, count + 1)


def _lead(source: Source, scheme: Scheme) -> str:
    """`v` or nothing, as this repository writes its release tags."""
    known = source.nearest or highest(scheme, source.release_tags)
    return "" if known and not known.startswith("v") else "v"


def _check_lengths(source: Source, scheme: Scheme) -> None:
    """A release tag that no image tag can hold must not be passed over as if it were none."""
    for tag in source.tags:
        if len(tag) > LONGEST_TAG and not scheme.rank(tag) and re.match(r"v?[0-9]+\.[0-9]", tag):
            raise SourceError(
                f"the git tag {tag!r} cannot become an image tag",
                why=f"it has {len(tag)} characters, and an image tag {LONGEST_TAG} at the most",
                remedy="give the commit a shorter version tag",
            )


def _some(paths: tuple[str, ...], shown: int = 3) -> str:
    rest = len(paths) - shown
    return ", ".join(paths[:shown]) + (f" and {rest} more" if rest > 0 else "")
