"""What ECR says of its own signature of an image: the noun."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass

COMPLETE, FAILED = "COMPLETE", "FAILED"


@dataclass(frozen=True)
class SigningStatus:
    """Of one signing profile. status: shape SigningStatus; why: ECR's code and reason where it FAILED."""

    profile: str
    status: str
    why: str = ""
