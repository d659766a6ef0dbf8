"""The scan of an image as ECR, Inspector and their events report it: the nouns and the interfaces."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Protocol

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest


class ImageMissingError(RegistryError):
    """The image is not there: not yet, right after its push, or no longer."""


@dataclass(frozen=True)
class Coverage:
    """The state of Inspector's scan of one image, in Inspector's values.

    status:          ACTIVE or INACTIVE.
    reason:          SUCCESSFUL, PENDING_INITIAL_SCAN, UNSUPPORTED_OS …
    last_scanned_at: when it last scanned the image; None before the first scan.
    pushed_at:       when ECR received the image; None where ECR does not report it.
    """

    status: str
    reason: str
    last_scanned_at: datetime | None = None
    pushed_at: datetime | None = None

    @property
    def has_scanned(self) -> bool:
        """Whether Inspector scanned the image successfully since its last push."""
        return (
            (self.status, self.reason) == ("ACTIVE", "SUCCESSFUL")
            and self.last_scanned_at is not None
            and self.pushed_at is not None
            and self.last_scanned_at >= self.pushed_at
        )


@dataclass(frozen=True)
class EpssPage:
    """A page of EPSS scores by vulnerability; None for a vulnerability without a score yet.

    token requests the next page; it is empty on the last one.
    """

    scores: Mapping[str, float | None]
    token: str = ""


@dataclass(frozen=True)
class Heard:
    """The events received in one wait.

    digests: images of which a scan ended.
    others:  there were only events about other images.
    stale:   there was an event too old to be waited for: the queue does not expire its messages.
    """

    digests: frozenset[Digest] = frozenset()
    others: bool = False
    stale: bool = False


class ScanEvents(Protocol):
    """A queue with the events of scans."""

    def listen(self, digests: Collection[Digest], seconds: float) -> Heard:
        """Wait for events about these images, at most so many seconds. Raises RegistryError."""
        ...


class ScanReader(Protocol):
    """Asks about scans in one repository. Every method may raise RegistryError."""

    def page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
        """One page of DescribeImageScanFindings, the first without a token; None while there is no scan.

        Raises ImageMissingError if there is no such image. One attempt, without retries: the caller decides
        when to ask again.
        """
        ...

    def answer(self, digest: Digest) -> Mapping[str, Any] | None:
        """DescribeImageScanFindings with all pages merged; None while there is no scan."""
        ...

    def events(self, queue: str) -> ScanEvents:
        """The events of scans in an SQS queue. queue is a name or a URL."""
        ...


class ScanWriter(Protocol):
    """Starts scans in one repository."""

    def start(self, digest: Digest) -> bool:
        """Raises AwsRefusedError where ECR does not allow a scan. False: a dry run started nothing."""
        ...


class Scans(ScanReader, ScanWriter, Protocol):
    """The scans of one repository, to ask about and to start."""


class InspectorReader(Protocol):
    """Asks Amazon Inspector, the scanner behind enhanced scanning. Every method may raise RegistryError."""

    def coverage(self, digest: Digest) -> Coverage | None:
        """None where Inspector does not know the image."""
        ...

    def epss_page(self, digest: Digest, token: str = "") -> EpssPage:
        """One page of EPSS scores, the first without a token. One attempt, without retries."""
        ...
