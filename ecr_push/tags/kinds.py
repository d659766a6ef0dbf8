"""The tags that an image may carry, and which of them may move: Source + Version -> ReleaseTags. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import Enum

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SettingsError, SourceError
from ecr_push.base.reference import Digest, Tag
from ecr_push.base.regex import lazy_regex
from ecr_push.source.model import Source
from ecr_push.tags.branch_slug import branch_slug
from ecr_push.tags.labels import bases_text
from ecr_push.tags.temporary import reserved
from ecr_push.versions.line import Line
from ecr_push.versions.schemes.choice import SEMVER
from ecr_push.versions.schemes.scheme import Scheme, highest
from ecr_push.versions.version import Version

SHORT = 12  # digits of a commit
_COMMIT = lazy_regex(r"sha-[0-9a-f]{7,64}")
_REBUILD = lazy_regex(r"sha-[0-9a-f]{7,64}-[0-9a-f]{8}")


class TagKind(Enum):
    """What a tag promises, in the order of promotion: from the most specific to the most floating.

    COMMIT goes first, so that an interrupted promotion still shows which commit its version was built from.
    """

    COMMIT = "commit"  # sha-4f1e2d3c4b5a
    # sha-4f1e2d3c4b5a of a pull request's head, built from its merge with the target branch, or elsewhere
    MERGE = "merge"
    # sha-4f1e2d3c4b5a-9c3d5e7f: another build of the commit, from other base images than the first
    REBUILD = "rebuild"
    VERSION = "version"  # 1.4.2, 1.5.0-rc.1
    SNAPSHOT = "snapshot"  # 1.4.3-dev.5: two branches may come to the same one
    UNRELEASED = "unreleased"  # 1.5.0-SNAPSHOT that git has not tagged, where such a tag may move
    DIRTY = "dirty"  # dirty-4f1e2d3c4b5a
    EXTRA = "extra"  # the user's own
    BRANCH = "branch"  # main, feature-login; pr-12
    LINE = "line"  # 1.4, 1
    LATEST = "latest"


_PROTECTED = frozenset({TagKind.COMMIT, TagKind.MERGE, TagKind.REBUILD, TagKind.VERSION, TagKind.SNAPSHOT})


@dataclass(frozen=True)
class ReleaseTag:
    """A tag that the judged image is to carry.

    line:     what a LINE or LATEST floats on: it only moves to a higher version.
    replaces: the one image that a protected tag may be taken from: a pull request's, of the same commit.
    kept_by:  another build of our commit, from other base images, that keeps the tag.
    """

    tag: Tag
    kind: TagKind
    line: Line | None = None
    replaces: Digest | None = None
    kept_by: Digest | None = None

    @property
    def protected(self) -> bool:
        """Never moves to another digest, whatever the repository's setting allows."""
        return self.kind in _PROTECTED

    @property
    def may_be_taken(self) -> bool:
        """Protected, but it is not an error if it is taken: the first image keeps it, ours does not get it.

        Two branches that are five commits ahead of v1.4.2 are both 1.4.3-dev.5; neither pipeline
        did anything wrong, and each image still has its commit's tag. And a pull request is merged again
        whenever its target branch changes.
        """
        return self.kind in (TagKind.SNAPSHOT, TagKind.MERGE) or self.kept_by is not None

    @property
    def floating(self) -> bool:
        return not self.protected

    def __str__(self) -> str:
        return str(self.tag)


def computed_tags(source: Source, version: Version, digits: int = SHORT) -> list[ReleaseTag]:
    """The tags of a build that git and its version give.

    A release gets COMMIT and VERSION, and a final one its LINEs and LATEST as far as git's own tags
    allow (the registry's tags are checked at promotion). Anything else gets COMMIT, SNAPSHOT and BRANCH,
    where a pull request's branch is `pr-N`: a fork's `main` is not the repository's.

    digits: how many of the commit's are in COMMIT.

    Raises SourceError where git's tag is too long for an image.
    """
    tags = [commit_tag(f"sha-{source.commit[:digits]}", source)]
    if version.number:
        tags.append(_version_tag(version))
    if not version.is_release:
        tags += _branch_tags(source, version.scheme)
    return tags + _floating_tags(source, version)


def movable(tags: Iterable[ReleaseTag], floating: str) -> list[ReleaseTag]:
    """Without the tags that may not move: `latest` leaves out BRANCH and LINE, `none` LATEST too.

    So that the repository can be immutable but for `latest`, or without exception.
    """
    left_out = {
        "all": (),
        "latest": (TagKind.BRANCH, TagKind.LINE),
        "none": (TagKind.BRANCH, TagKind.LINE, TagKind.LATEST),
    }[floating]
    return [tag for tag in tags if tag.kind not in left_out]


def until_tagged(tags: Iterable[ReleaseTag], source: Source, version: Version) -> list[ReleaseTag]:
    """The tags, of which a version's may move as long as git has no tag of it: it is not released yet.

    Its lines and `latest` are left out. Where git is not there, or tags it in this run, all stays as it is.
    """
    history, scheme = source.history, version.scheme
    if not history.has_git or version.new_git_tag:
        return list(tags)
    tagged = {scheme.rank(name) for name in (*history.release_tags, *history.tags)}
    found = [
        replace(tag, kind=TagKind.UNRELEASED)
        if tag.kind is TagKind.VERSION and scheme.rank(tag.tag.name) not in tagged
        else tag
        for tag in tags
    ]
    if not version.is_release or (version.number and version.number.rank in tagged):
        return found
    return [tag for tag in found if tag.kind not in (TagKind.LINE, TagKind.LATEST)]


def complete(tags: Iterable[ReleaseTag], source: Source, digits: int = SHORT) -> tuple[ReleaseTag, ...]:
    """All tags in the order of promotion (`TagKind`).

    A dirty checkout is not its commit: it gets only DIRTY, and the user's tags that promise nothing.
    """
    given = list(tags)
    if source.dirty:
        own = ReleaseTag(Tag(f"dirty-{source.commit[:digits]}"), TagKind.DIRTY)
        given = [own, *(tag for tag in given if tag.kind is TagKind.EXTRA)]
    kinds = list(TagKind)
    # The longer of two lines is the more specific one. A tag that is listed twice keeps its first kind.
    ordered = sorted(
        given, key=lambda tag: (kinds.index(tag.kind), -len(tag.line.numbers) if tag.line else 0)
    )
    named: dict[Tag, ReleaseTag] = {}
    for tag in ordered:
        named.setdefault(tag.tag, tag)
    return tuple(named.values())


def commit_tag(name: str, source: Source) -> ReleaseTag:
    """A commit's own tag. What was built from a pull request's merge is not quite that commit."""
    return ReleaseTag(Tag(name), TagKind.MERGE if source.is_merge else TagKind.COMMIT)


def rebuild_tag(commit: str, bases: Mapping[str, Digest]) -> Tag:
    """The tag of another build of a commit, whose first digits are given: the same for the same bases."""
    return Tag(f"sha-{commit}-{hashlib.sha256(bases_text(bases).encode()).hexdigest()[:8]}")


def _version_tag(version: Version) -> ReleaseTag:
    try:
        tag = Tag(version.text)
    except ValueError as error:
        raise SourceError(
            f"the version {version.text!r} cannot become an image tag",
            why=str(error),
            remedy="give the commit a shorter version tag",
        ) from error
    return ReleaseTag(tag, TagKind.VERSION if version.is_release else TagKind.SNAPSHOT)


def _branch_tags(source: Source, scheme: Scheme) -> list[ReleaseTag]:
    if source.pull_request:
        number = re.sub(r"[^A-Za-z0-9_.-]+", "-", source.pull_request)[:32]
        return [ReleaseTag(Tag(f"pr-{number}"), TagKind.BRANCH)]
    if source.branch:
        return [ReleaseTag(branch_slug(source.branch, source.branches, scheme), TagKind.BRANCH)]
    return []


def _floating_tags(source: Source, version: Version) -> list[ReleaseTag]:
    """LINE and LATEST of a final release, as far as no higher tag of git's forbids them."""
    number, scheme, history = version.number, version.scheme, source.history
    if not number or not version.is_final:
        return []
    named = {tag.removeprefix("v") for tag in history.release_tags}
    lines = [Line(scheme, numbers, number.text) for numbers in scheme.lines(number)]
    floating = [
        ReleaseTag(Tag(text), TagKind.LINE, one)
        for one in lines
        if (text := scheme.line_text(number, one.numbers)) not in named  # to PEP 440, 1.4 is a version too
    ]
    floating.append(ReleaseTag(Tag("latest"), TagKind.LATEST, Line(scheme, (), number.text)))
    rivals = history.release_tags
    if history.higher_tags is not None and scheme.rank(highest(scheme, history.tags)) == number.rank:
        rivals = history.higher_tags  # so that ten thousand tags are not read as versions again
    return [tag for tag in floating if tag.line and not tag.line.higher(rivals)]


def classify(names: Sequence[str], version: str, scheme: Scheme = SEMVER) -> list[ReleaseTag]:
    """The user's own tags, each with the kind of its name. Raises SettingsError with all mistakes.

    version: the image's, for lines and `latest`.
    """
    tags, problems = [], []
    for name in names:
        try:
            tags.append(claimed(Tag(name), version, scheme))
        except ValueError as error:
            problems.append(f"extra tag: {error}")
            continue
        if why := reserved(name):
            problems.append(f"extra tag: {why}")
    if problems:
        raise SettingsError(problems)
    return tags


def claimed(tag: Tag, version: str, scheme: Scheme) -> ReleaseTag:
    """The kind of a tag that was not computed, by its name, so that it is guarded like the computed ones."""
    name = tag.name
    if scheme.rank(name) is not None:
        return ReleaseTag(tag, TagKind.VERSION)
    if _COMMIT.fullmatch(name):
        return ReleaseTag(tag, TagKind.COMMIT)
    if _REBUILD.fullmatch(name):
        return ReleaseTag(tag, TagKind.REBUILD)
    if name == "latest":
        return ReleaseTag(tag, TagKind.LATEST, Line(scheme, (), version))
    numbers = scheme.line_of(name)
    if numbers is not None:
        return ReleaseTag(tag, TagKind.LINE, Line(scheme, numbers, version))
    return ReleaseTag(tag, TagKind.EXTRA)


def extra_tags(names: Sequence[str], source: Source, version: Version) -> list[ReleaseTag]:
    """The user's own tags of `--tag`. Raises SettingsError with all mistakes."""
    tags = classify(names, version.text, version.scheme)
    wrong = [tag for tag in tags if source.dirty and tag.kind is not TagKind.EXTRA]
    if wrong:
        raise SettingsError(
            [
                f"extra tag: {tag.tag.name!r} names a {tag.kind.value}, "
                "but the checkout has uncommitted changes"
                for tag in wrong
            ]
        )
    return tags
