"""Why images have to stay: their releases, and the tags that point to them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.stored_image import StoredImage
from ecr_push.tags.kinds import TagKind, claimed
from ecr_push.tags.temporary import is_temporary
from ecr_push.upkeep.lifecycle.lint import Need
from ecr_push.versions.schemes.scheme import Scheme

_POINTERS = (TagKind.LATEST, TagKind.LINE)


def needs_of(images: Iterable[StoredImage], scheme: Scheme) -> dict[Digest, list[Need]]:
    """By image; none for one that has no tag of that kind. scheme: of the versions that its releases have."""
    found: dict[Digest, list[Need]] = {}
    for image in images:
        for tag in sorted(image.tags):
            if not is_temporary(tag):
                found.setdefault(image.digest, []).extend(_needs(tag, scheme))
    return found


def _needs(tag: str, scheme: Scheme) -> Iterator[Need]:
    kind = claimed(Tag(tag), "", scheme).kind
    if kind is TagKind.VERSION:
        yield Need(f"the release {tag}", tag)
    elif kind in _POINTERS:
        yield Need(f"what {tag} points to", tag)
