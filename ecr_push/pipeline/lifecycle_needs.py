"""Why images have to stay: their releases, and the tags that point to them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.stored_image import StoredImage
from ecr_push.tags.kinds import ReleaseTag, TagKind, claimed
from ecr_push.tags.temporary import is_temporary
from ecr_push.upkeep.lifecycle.lint import Need
from ecr_push.versions.line import Line
from ecr_push.versions.schemes.scheme import Scheme


def needs_of(images: Iterable[StoredImage], scheme: Scheme) -> dict[Digest, list[Need]]:
    """By image; none for one that has no tag of that kind. scheme: of the versions that its releases have."""
    tags = {
        image.digest: [claimed(Tag(tag), "", scheme) for tag in sorted(image.tags) if not is_temporary(tag)]
        for image in images
    }
    newest = max((rank for own in tags.values() for rank, _ in _finals(own, scheme)), default=None)
    found = {digest: list(_needs(own, newest, scheme)) for digest, own in tags.items()}
    return {digest: needs for digest, needs in found.items() if needs}


def _needs(tags: Sequence[ReleaseTag], newest: tuple[Any, ...] | None, scheme: Scheme) -> Iterator[Need]:
    """newest: the rank of the highest final version in the repository."""
    for tag in tags:
        name = tag.tag.name
        if tag.kind is TagKind.VERSION:
            yield Need(f"the release {name}", name)
        elif tag.kind is TagKind.LATEST:
            yield Need(f"what {name} points to", name)
        elif tag.kind is TagKind.LINE and tag.line:
            yield Need(f"what {name} points to", name, _release_of(tag.line, tags, newest, scheme))


def _release_of(
    line: Line, tags: Sequence[ReleaseTag], newest: tuple[Any, ...] | None, scheme: Scheme
) -> str:
    """The release that an older line's tag goes with; "" for the line of the newest version.

    Also "" where the image has no version of the line: then nothing but the line's tag says what it is.
    """
    if newest is None or scheme.in_line(newest, line.numbers):
        return ""
    own = [one for one in _finals(tags, scheme) if scheme.in_line(one[0], line.numbers)]
    return max(own, default=((), ""))[1]


def _finals(tags: Sequence[ReleaseTag], scheme: Scheme) -> Iterator[tuple[tuple[Any, ...], str]]:
    """The final versions among an image's tags: rank and name."""
    for tag in tags:
        rank = scheme.rank(tag.tag.name) if tag.kind is TagKind.VERSION else None
        if rank is not None and scheme.in_line(rank, ()):
            yield rank, tag.tag.name
