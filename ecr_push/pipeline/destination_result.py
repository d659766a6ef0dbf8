"""What became of the image in one of the other repositories that it was for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest, Tag
from ecr_push.pipeline.failure import Failure
from ecr_push.release.promoted_tag import PromotedTag

DestinationState = Literal["pending", "planned", "held", "released", "failed"]


@dataclass(frozen=True)
class DestinationResult:
    """One destination.

    name:      HOST/NAME; until AWS was asked, as the user named it.
    required:  whether the run fails without it.
    result:    pending:  it got nothing, and none of its tags moved.
               planned:  a dry run; it could get the image.
               held:     it has the image; not all of its tags were moved.
               released: it has the image, and its tags.
               failed:   see failure.
    reference: of the image there, once it is there.
    exists:    whether the repository was there before the run.
    created:   the repository was made by the run.
    before:    where the tags pointed before the run.
    promoted:  what became of the tags.
    """

    name: str
    required: bool = True
    result: DestinationState = "pending"
    reference: str = ""
    exists: bool = True
    created: bool = False
    before: Mapping[Tag, Digest] = field(default_factory=dict)
    promoted: tuple[PromotedTag, ...] = ()
    failure: Failure | None = None

    @property
    def may_have_moved(self) -> bool:
        """Whether tags may point elsewhere now: some were moved, or it stopped while one was being moved."""
        failed = self.failure is not None and self.failure.phase == "promote"
        return failed or any(one.result == "moved" for one in self.promoted)
