"""What a private repository keeps: images with and without tags, indexes, referrers, archived ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest


@dataclass(frozen=True)
class StoredImage:
    """What a repository keeps under one digest.

    pushed_at:    the manifest's first push. A tag that is added or moved later does not change it.
    status:       ACTIVE, ARCHIVED or ACTIVATING: shape ImageStatus of ECR's service model.
    size:         the compressed bytes of its layers.
    blobs:        the same by digest; none where it was not read, or cannot be, as of an archived image. ECR
                  stores a layer once a repository, so that two images may take less than both of their sizes.
    pulled_at:    the last pull that ECR has recorded, exact to a day; None if there was none.
    archived_at:  when it was archived last, restored_at when it was restored last; None if never.
    subject:      what it is about, such as the image that a signature signs; None for all but referrers.
    children:     the images that an index lists; none for all others.
    """

    digest: Digest
    tags: frozenset[str]
    pushed_at: datetime
    status: str = "ACTIVE"
    size: int = 0
    media_type: str = ""
    pulled_at: datetime | None = None
    archived_at: datetime | None = None
    restored_at: datetime | None = None
    subject: Digest | None = None
    children: tuple[Digest, ...] = ()
    blobs: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For people: a tag, the shortest one, else the digest."""
        return min(self.tags, key=lambda tag: (len(tag), tag)) if self.tags else self.digest.short
