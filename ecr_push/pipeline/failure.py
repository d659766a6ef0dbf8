"""Why a run, or one of its destinations, stopped."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError, Interrupted


@dataclass(frozen=True)
class Failure:
    """Why a run stopped: the phase that it was in, and the error."""

    phase: str
    kind: str
    what: str
    why: str
    remedy: str
    exit_code: int

    @classmethod
    def of(cls, error: EcrPushError | Interrupted, phase: str) -> Failure:
        if isinstance(error, Interrupted):
            return cls(phase, "interrupted", str(error), "", "run again", error.exit_code)
        return cls(phase, error.kind, error.what, error.why, error.remedy, error.exit_code)
