"""ECR's archive: an image that moves between the storage classes. Pure.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive_restore_image.html
"""

from __future__ import annotations

import dataclasses

from ecr_push.sandbox.model import EcrError, Image

# ECR takes up to 20 minutes; `PUT /_sandbox/clock` sets the clock forward.
RESTORE_SECONDS = 60.0


def moved(image: Image, storage_class: str, now: float) -> Image:
    """UpdateImageStorageClass; storage_class is ARCHIVE or STANDARD, now in seconds since the epoch.

    Raises EcrError ImageStorageClassUpdateNotSupportedException for an image that is there already, or on its
    way; what ECR answers then is not documented.
    """
    if image.status(now) != ("ACTIVE" if storage_class == "ARCHIVE" else "ARCHIVED"):
        raise EcrError(
            "ImageStorageClassUpdateNotSupportedException",
            f"The image '{image.digest}' is {image.status(now)}",
        )
    if storage_class == "ARCHIVE":
        return dataclasses.replace(image, archived_at=now)
    return dataclasses.replace(image, restored_at=now + RESTORE_SECONDS)


def pushed_again(image: Image, now: float) -> Image:
    """A push restores an archived image at once."""
    return image if image.status(now) == "ACTIVE" else dataclasses.replace(image, restored_at=now)


def active_since(image: Image) -> float:
    """When it was pushed, or restored: a restored image is treated as one that was pushed."""
    return max(image.pushed_at, image.restored_at)
