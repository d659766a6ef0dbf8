"""What `doctor` finds: the noun."""

from __future__ import annotations

from typing import Literal

from ecr_push.base.dataclass import dataclass

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Symptom:
    """One thing that was looked at. remedy: "" where nothing has to be done.

    exit_code: of an error, the one with which a run would end; otherwise 0.
    """

    area: str
    level: Level
    what: str
    remedy: str = ""
    exit_code: int = 0
