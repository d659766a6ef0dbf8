"""What became of an image that was copied, in one of the repositories that it was for."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.pipeline.failure import Failure
from ecr_push.policy.verdict import Verdict
from ecr_push.registry.copy.send import Received

CopyState = Literal["pending", "planned", "copied", "refused", "failed"]


@dataclass(frozen=True)
class CopiedTag:
    """result: set, moved, already: it points to the image; kept: it points elsewhere, for the reason;
    planned: a dry run would set it; refused: the image was, and the tag was left where it is.

    before: where it pointed.
    """

    tag: Tag
    digest: Digest
    result: Literal["set", "moved", "already", "kept", "planned", "refused"]
    reason: str = ""
    before: Digest | None = None


@dataclass(frozen=True)
class CopyVerdict:
    """The verdict on an image where it was copied to. policy: the digest of the one it was judged by."""

    digest: Digest
    verdict: Verdict
    policy: str


@dataclass(frozen=True)
class CopyResult:
    """What became of a job in one destination.

    destination: HOST/NAME; until AWS was asked, as the user named it.
    number:      its place among all of the call.
    name:        of the repository there, without the host.
    result:      pending: it got nothing. planned: a dry run; it could get all. copied: it has all, with its
                 tags. refused: the policy refused images, whose tags were not set. failed: see failure.
    began:       something was lacking there, and the first change was about to be made.
    created:     the repository was made, or a dry run would make it.
    images:      the digests that were asked for; manifests: those put, with platforms and referrers.
    verdicts:    of those that were judged, in the order in which they were.
    seconds:     from the first change on.
    """

    source: str
    destination: str
    required: bool = True
    number: int = 0
    name: str = ""
    result: CopyState = "pending"
    began: bool = False
    created: bool = False
    repository: Repository | None = None
    images: tuple[Digest, ...] = ()
    tags: tuple[CopiedTag, ...] = ()
    manifests: int = 0
    received: Received = field(default_factory=Received)
    verdicts: tuple[CopyVerdict, ...] = ()
    seconds: float = 0.0
    failure: Failure | None = None
