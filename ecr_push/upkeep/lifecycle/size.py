"""How many bytes a deletion frees, as ECR bills them: a layer once a repository. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ecr_push.base.reference import Digest
from ecr_push.registry.stored_image import StoredImage


def freed_bytes(images: Sequence[StoredImage], gone: Collection[Digest]) -> int:
    """The bytes of the layers that no image has which stays.

    Of an image whose layers were not read, all of its size counts.
    """
    kept: set[str] = set()
    freed: dict[str, int] = {}
    for image in images:
        if image.digest in gone:
            freed |= image.blobs or {image.digest.value: image.size}
        else:
            kept.update(image.blobs)
    return sum(size for digest, size in freed.items() if digest not in kept)
