"""What is to be copied, and what became of it."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.base.source_name import SourceName
from ecr_push.pipeline.failure import Failure
from ecr_push.registry.copy.send import Received
from ecr_push.registry.destination import Destination

# Which tags of a destination may leave the image that they point to: none; those that float, to a higher
# version; all that the repository lets move.
Moves = Literal["never", "forward", "any"]
CopyState = Literal["pending", "planned", "copied", "refused", "failed"]


@dataclass(frozen=True)
class CopyJob:
    """Images of one repository, and where they go.

    tags:      names and patterns, in which `*` stands for any text; for a source without tag and digest.
    named:     the tags that the image gets there, in place of its own.
    platforms: those of an index that are copied; empty for the whole index.
    place:     where the user wrote it, such as a line of a file.
    """

    source: SourceName
    to: tuple[Destination, ...]
    tags: tuple[str, ...] = ()
    named: tuple[Tag, ...] = ()
    platforms: tuple[str, ...] = ()
    moves: Moves = "forward"
    referrers: bool = True
    place: str = ""


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
class CopyResult:
    """What became of a job in one destination.

    destination: HOST/NAME; until AWS was asked, as the user named it.
    result:      pending: it got nothing. planned: a dry run; it could get all. copied: it has all, with its
                 tags. refused: the policy refused images, whose tags were not set. failed: see failure.
    created:     the repository was made, or a dry run would make it.
    images:      the digests that were asked for; manifests: those put, with platforms and referrers.
    """

    source: str
    destination: str
    required: bool = True
    result: CopyState = "pending"
    created: bool = False
    repository: Repository | None = None
    images: tuple[Digest, ...] = ()
    tags: tuple[CopiedTag, ...] = ()
    manifests: int = 0
    received: Received = field(default_factory=Received)
    failure: Failure | None = None
