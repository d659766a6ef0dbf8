"""Which images nothing needs: candidates that were not released, and images without a tag. Pure.

What is kept, and all that it needs: an image with a tag that is not temporary, one that is in use, one that
is younger than the limits, one in the archive, which is billed for 90 days in any case. An index needs the
images that it lists, and an image keeps what refers to it, such as its signature.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest
from ecr_push.registry.stored_image import StoredImage

AT_ONCE = 100  # shape ImageIdentifierList of ECR's service model
IsTemporary = Callable[[str], bool]  # whether a tag is a candidate's or a claim


@dataclass(frozen=True)
class Prunable:
    """An image that nothing needs, and what it is, in words."""

    image: StoredImage
    why: str


def find_prunable(
    images: Sequence[StoredImage],
    now: datetime,
    limits: Limits,
    in_use: Collection[Digest],
    is_temporary: IsTemporary,
) -> tuple[Prunable, ...]:
    """In an order in which ECR deletes them: an index before the images that it lists."""
    kept = {image.digest for image in images if _stays(image, now, limits, in_use, is_temporary)}
    _keep_what_is_needed(kept, {image.digest: image for image in images})
    left = [image for image in images if image.digest not in kept]
    return tuple(Prunable(image, _what(image, left)) for image in _ordered(left))


def batches(found: Sequence[Prunable]) -> Iterator[Sequence[Prunable]]:
    """The same in the same order, in parts that one call deletes: of images with tags, or without.

    An index and an image that it lists are never in the same one: ECR deletes an image only after its index.
    """
    batch: list[Prunable] = []
    listed: set[Digest] = set()
    for one in found:
        alike = batch and bool(batch[0].image.tags) == bool(one.image.tags)
        if batch and (not alike or len(batch) == AT_ONCE or one.image.digest in listed):
            yield batch
            batch, listed = [], set()
        batch.append(one)
        listed.update(one.image.children)
    if batch:
        yield batch


@dataclass(frozen=True)
class Limits:
    """How old an image has to be since its push: a candidate's run may still be under way."""

    candidates: timedelta
    untagged: timedelta


def _stays(
    image: StoredImage,
    now: datetime,
    limits: Limits,
    in_use: Collection[Digest],
    is_temporary: IsTemporary,
) -> bool:
    """By itself, whatever others need."""
    limit = limits.candidates if image.tags else limits.untagged
    return (
        image.digest in in_use
        or image.status != "ACTIVE"
        or any(not is_temporary(tag) for tag in image.tags)
        or now - image.pushed_at < limit
    )


def _keep_what_is_needed(kept: set[Digest], images: Mapping[Digest, StoredImage]) -> None:
    """Adds to kept what the kept ones need: the images of indexes, and what refers to any of them."""
    referrers: dict[Digest, list[Digest]] = {}
    for image in images.values():
        if image.subject:
            referrers.setdefault(image.subject, []).append(image.digest)
    left = list(kept)
    while left:
        digest = left.pop()
        needed = [*referrers.get(digest, ()), *(images[digest].children if digest in images else ())]
        left += [one for one in needed if one not in kept]
        kept.update(needed)


def _what(image: StoredImage, going: Sequence[StoredImage]) -> str:
    if image.tags:
        return "a candidate that was not released"
    if any(image.digest in other.children for other in going):
        return "listed by an index that goes, too"
    return "about an image that is gone or goes" if image.subject else "without a tag"


def _ordered(images: Sequence[StoredImage]) -> Iterator[StoredImage]:
    """Each index before the images that it lists, and the oldest first."""
    left = {
        image.digest: image for image in sorted(images, key=lambda one: (one.pushed_at, one.digest.value))
    }
    while left:
        listed = {child for image in left.values() for child in image.children if child != image.digest}
        free = [image for image in left.values() if image.digest not in listed]
        for image in free or list(left.values()):
            yield image
            del left[image.digest]
