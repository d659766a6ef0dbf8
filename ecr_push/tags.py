"""The tags that an image may carry, and which of them may move: Source + Version -> ReleaseTags. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from ecr_push import precedence
from ecr_push.errors import SettingsError, SourceError
from ecr_push.reference import Tag
from ecr_push.slug import branch_slug
from ecr_push.source import Source
from ecr_push.version import Version

# What is not judged yet; see `promote.py`. No release tag begins with it.
CANDIDATE_PREFIX = "candidate-"

_COMMIT = re.compile(r"sha-[0-9a-f]{7,64}")
_LINE = re.compile(r"v?([0-9]+)(?:\.([0-9]+))?")


class TagKind(Enum):
    """What a tag promises. The order is the order of promotion: from the most specific to the most floating.

    COMMIT goes first, so that an interrupted promotion leaves word of what its version was built from.
    """

    COMMIT = "commit"  # sha-4f1e2d3c4b5a
    VERSION = "version"  # 1.4.2, 1.5.0-rc.1
    SNAPSHOT = "snapshot"  # 1.4.3-dev.5: two branches may come to the same one
    DIRTY = "dirty"  # dirty-4f1e2d3c4b5a
    EXTRA = "extra"  # the user's own
    BRANCH = "branch"  # main, feature-login; pr-12
    LINE = "line"  # 1.4, 1
    LATEST = "latest"


@dataclass(frozen=True)
class ReleaseTag:
    """A tag that the judged image is to carry."""

    tag: Tag
    kind: TagKind

    @property
    def protected(self) -> bool:
        """Never moves to another digest, whatever the repository's setting allows."""
        return self.kind in (TagKind.COMMIT, TagKind.VERSION, TagKind.SNAPSHOT)

    @property
    def yields(self) -> bool:
        """Protected, but to find it taken is no mistake: the first image keeps it, ours goes without.

        Two branches that are five commits ahead of v1.4.2 are both 1.4.3-dev.5; neither pipeline
        did anything wrong, and each image still has its commit's tag.
        """
        return self.kind is TagKind.SNAPSHOT

    @property
    def floating(self) -> bool:
        return not self.protected

    def __str__(self) -> str:
        return str(self.tag)


def render_tags(
    source: Source, version: Version, *, extra: Sequence[str] = (), floating: bool = True
) -> tuple[ReleaseTag, ...]:
    """Every tag of a build, in the order of promotion (`TagKind`).

    A release gets COMMIT and VERSION, and a final one its LINEs and LATEST as far as git's own tags
    allow (`blocking_version`; the registry's tags are asked at promotion). Anything else gets COMMIT,
    SNAPSHOT and BRANCH, where a pull request's branch is `pr-N`: a fork's `main` is not ours.
    A dirty checkout is not the commit that it stands on: DIRTY alone, and the user's EXTRAs.

    extra:    the user's own tags, each classed by what it claims to be.
    floating: False leaves out BRANCH and LINE, so that the repository can be immutable but for `latest`.

    Raises SettingsError with every extra tag that is impossible, and SourceError where git's tag is
    too long for an image.
    """
    extras = classify(extra, dirty=bool(source.dirty))
    if source.dirty:
        own = [ReleaseTag(Tag(f"dirty-{source.short}"), TagKind.DIRTY)]
    else:
        own = [ReleaseTag(Tag(f"sha-{source.short}"), TagKind.COMMIT), _version_tag(version)]
        if floating and not version.is_release:
            own += _branch_tags(source)
        own += _floating_tags(source, version, lines=floating)
    kinds = list(TagKind)
    # The longer of two lines is the more specific one. A tag that is wanted twice keeps its first kind.
    ordered = sorted([*own, *extras], key=lambda tag: (kinds.index(tag.kind), -tag.tag.name.count(".")))
    named: dict[Tag, ReleaseTag] = {}
    for tag in ordered:
        named.setdefault(tag.tag, tag)
    return tuple(named.values())


def blocking_version(tag: ReleaseTag, version: str, known_tags: Iterable[str]) -> str:
    """The higher final version that forbids a floating tag to move to this one, or "".

    known_tags are the registry's or git's; what is no full version among them is passed over. Only
    LINE and LATEST are ever blocked: `latest` by any higher release, `1.4` by a higher 1.4.x.
    """
    if tag.kind is TagKind.LATEST:
        line: tuple[int, ...] = ()
    elif tag.kind is TagKind.LINE and (match := _LINE.fullmatch(tag.tag.name)):
        line = tuple(int(part) for part in match.groups() if part is not None)
    else:
        return ""
    top = precedence.highest_final(known_tags, line)
    highest, ours = precedence.rank(top), precedence.rank(version)
    return top if highest is not None and ours is not None and highest > ours else ""


def _version_tag(version: Version) -> ReleaseTag:
    try:
        tag = Tag(version.text)
    except ValueError as error:
        raise SourceError(
            f"the git tag {version.git_tag!r} cannot become an image tag",
            why=str(error),
            remedy="give the commit a shorter version tag",
        ) from error
    return ReleaseTag(tag, TagKind.VERSION if version.is_release else TagKind.SNAPSHOT)


def _branch_tags(source: Source) -> list[ReleaseTag]:
    if source.pull_request:
        number = re.sub(r"[^A-Za-z0-9_.-]+", "-", source.pull_request)[:32]
        return [ReleaseTag(Tag(f"pr-{number}"), TagKind.BRANCH)]
    if source.branch:
        return [ReleaseTag(branch_slug(source.branch, source.branches), TagKind.BRANCH)]
    return []


def _floating_tags(source: Source, version: Version, *, lines: bool) -> list[ReleaseTag]:
    """LINE and LATEST of a final release, as far as no higher tag of git's forbids them."""
    if not version.is_final:
        return []
    major, minor = version.semver.major, version.semver.minor
    names = [f"{major}.{minor}", str(major)] if lines else []
    wanted = [ReleaseTag(Tag(name), TagKind.LINE) for name in names if name != "0"]
    wanted.append(ReleaseTag(Tag("latest"), TagKind.LATEST))
    return [tag for tag in wanted if not blocking_version(tag, version.text, source.release_tags)]


def classify(names: Sequence[str], *, dirty: bool = False) -> list[ReleaseTag]:
    """The user's own tags, each classed by what it claims to be. Raises SettingsError with all mistakes."""
    tags, problems = [], []
    for name in names:
        try:
            tag = ReleaseTag(Tag(name), _kind(name))
        except ValueError as error:
            problems.append(f"extra tag: {error}")
            continue
        if name.startswith(CANDIDATE_PREFIX):
            problems.append(f"extra tag: {name!r}: 'candidate-' is kept for unjudged images")
        elif dirty and tag.kind is not TagKind.EXTRA:
            problems.append(
                f"extra tag: {name!r} names a {tag.kind.value}, but the checkout has uncommitted changes"
            )
        tags.append(tag)
    if problems:
        raise SettingsError(problems)
    return tags


def _kind(name: str) -> TagKind:
    """What a tag of the user's claims to be, so that it is guarded like one of ours."""
    if precedence.is_release_tag(name):
        return TagKind.VERSION
    if _COMMIT.fullmatch(name):
        return TagKind.COMMIT
    if name == "latest":
        return TagKind.LATEST
    return TagKind.LINE if _LINE.fullmatch(name) else TagKind.EXTRA
