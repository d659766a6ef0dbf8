"""What can be learnt of an image's scan besides ECR's own answer: Inspector's word on it, EPSS, events."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ecr_push.base.reference import Digest


@dataclass(frozen=True)
class Coverage:
    """What Inspector says of its scan of one image. The words are Inspector's.

    status:          ACTIVE or INACTIVE.
    reason:          SUCCESSFUL, PENDING_INITIAL_SCAN, UNSUPPORTED_OS …
    last_scanned_at: when it looked at the image last; None where it has not yet.
    pushed_at:       when ECR received the image; None where we may not know.
    """

    status: str
    reason: str
    last_scanned_at: datetime | None = None
    pushed_at: datetime | None = None

    @property
    def has_scanned(self) -> bool:
        """Whether the image, as it was pushed last, has been scanned with success."""
        return (
            (self.status, self.reason) == ("ACTIVE", "SUCCESSFUL")
            and self.last_scanned_at is not None
            and self.pushed_at is not None
            and self.last_scanned_at >= self.pushed_at
        )


@dataclass(frozen=True)
class EpssPage:
    """A page of what Inspector knows of an image: EPSS by vulnerability, None for one that has none yet.

    token asks for the next page; it is empty on the last one.
    """

    scores: Mapping[str, float | None]
    token: str = ""


@dataclass(frozen=True)
class Heard:
    """What came of listening.

    digests: images whose scans have news.
    others:  there was only news that is not for us.
    stale:   there was news so old that nobody can be waiting for it: the queue is not cleared.
    """

    digests: frozenset[Digest] = frozenset()
    others: bool = False
    stale: bool = False


class ScanEvents(Protocol):
    """Where the events of scans can be heard."""

    def listen(self, digests: Collection[Digest], seconds: float) -> Heard:
        """Waits for news of these images, no longer than so many seconds. Raises RegistryError."""
        ...
