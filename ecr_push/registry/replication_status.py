"""What ECR says of the copies of an image in other registries: the noun."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.base.place import Place

COMPLETE, FAILED, IN_PROGRESS = "COMPLETE", "FAILED", "IN_PROGRESS"


@dataclass(frozen=True)
class ReplicationStatus:
    """Of one destination. status: shape ReplicationStatus; failure: ECR's code where it FAILED."""

    place: Place
    status: str
    failure: str = ""
