"""Removing tags from an image that must stay: ECR deletes an image with its last tag.

There is no call that removes a tag unless it is the last one. So the image's tags are looked at before and
after: if others took its remaining tags away in between, and the image went with ours, it is put back. Its
layers are still there then, and PutImage needs nothing but them and the manifest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.interface import Reader, RepositoryClient
from ecr_push.registry.oci import Manifest
from ecr_push.tags.temporary import CANDIDATE_PREFIX


@dataclass(frozen=True)
class Removal:
    """left: the tags that the image has afterwards. refused: why some of those to remove are among them.

    restored: the image was deleted with its last tag, and is back under candidates' tags, those in left.
    """

    left: frozenset[Tag]
    refused: str = ""
    restored: bool = False


def tags_or_none(digest: Digest, client: Reader) -> frozenset[Tag] | None:
    """The tags of an image; None if there is no such image. Raises RegistryError."""
    try:
        return client.tags_of(digest)
    except AwsRefusedError as refused:
        if refused.code == "ImageNotFoundException":
            return None
        raise


def remove(
    tags: Sequence[Tag], found: Iterable[Tag], manifest: Manifest, client: RepositoryClient
) -> Removal:
    """Removes tags of an image, and makes sure that the image is still there. Raises as `verify` does."""
    return verify(take(tags, client), found, manifest, client)


@dataclass(frozen=True)
class Taken:
    """What an image has lost, as far as ECR said: of these tags the removed ones; and why not the others."""

    tags: Sequence[Tag]
    removed: frozenset[Tag]
    refused: str = ""


def take(tags: Sequence[Tag], client: RepositoryClient) -> Taken:
    """Removes tags of an image. `verify` has to follow."""
    try:
        return Taken(tags, client.remove_tags(tags))
    except RegistryError as error:
        return Taken(tags, frozenset(tags), f"{error.what}: {error.why}")


def verify(taken: Taken, found: Iterable[Tag], manifest: Manifest, client: RepositoryClient) -> Removal:
    """Makes sure that an image is still there after the removal of tags.

    found: all tags that it had. If it is gone, it is put back, under its candidates' tags alone: a tag of any
    other name may belong to another image by now. Raises RegistryError if that is not possible, or if someone
    else deleted the image: then it is left alone.
    """
    try:
        left = tags_or_none(manifest.digest, client)
    except RegistryError:  # it could be asked before, so this is a matter of the moment
        return Removal(frozenset(taken.tags) if taken.refused else frozenset(), taken.refused)
    if left is not None:
        return Removal(left, taken.refused)
    if not taken.removed:
        raise deleted(manifest.digest)
    candidates = sorted((tag for tag in found if tag.name.startswith(CANDIDATE_PREFIX)), key=str)
    names = candidates or [Tag(f"{CANDIDATE_PREFIX}{manifest.digest.value[7:19]}")]
    try:
        for tag in names:
            client.put_tag(manifest, tag)
    except EcrPushError as error:
        raise RegistryError(
            f"the image {manifest.digest} is gone from the registry",
            why=f"others removed or moved its other tags while {', '.join(map(str, taken.tags))} was "
            f"removed, and it could not be put back: {error.what}: {error.why}",
            remedy="run again, which builds and pushes it again",
        ) from error
    return Removal(frozenset(names), restored=True)


def deleted(digest: Digest) -> RegistryError:
    """The error for an image that others deleted while it was released."""
    return RegistryError(
        f"the image {digest} was deleted while it was released",
        why="ECR no longer finds it: someone, another job or a lifecycle rule removed it",
        remedy="run again, which builds and pushes it again; CloudTrail shows who removed it: "
        "BatchDeleteImage, or PolicyExecutionEvent of a lifecycle rule",
    )
