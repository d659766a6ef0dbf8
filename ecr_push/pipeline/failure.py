"""Why a run, or one of its destinations, stopped."""

from __future__ import annotations

from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError, Interrupted, ScanError


@dataclass(frozen=True)
class Failure:
    """Why a run stopped: the phase that it was in, and the error. again: see `ScanError`."""

    phase: str
    kind: str
    what: str
    why: str
    remedy: str
    exit_code: int
    again: tuple[str, str] | None = None

    @classmethod
    def of(cls, error: EcrPushError | Interrupted, phase: str) -> Failure:
        if isinstance(error, Interrupted):
            return cls(phase, "interrupted", str(error), "", "run again", error.exit_code)
        again = error.again if isinstance(error, ScanError) else None
        return cls(phase, error.kind, error.what, error.why, error.remedy, error.exit_code, again)

    @property
    def facts(self) -> dict[str, Any]:
        """What a document of results has of it; the command that goes on is made by those who report it."""
        return {name: of for name, of in vars(self).items() if name != "again"}
