"""The log of a run as a CI takes it."""

from __future__ import annotations

from typing import Protocol, TextIO

from ecr_push.base.clock import Clock
from ecr_push.base.log import Narrator, Paint, PlainNarrator, Redactor


class CiLog(Protocol):
    """What a CI makes of the lines of a run."""

    def narrator(self, stream: TextIO, clock: Clock, redactor: Redactor, paint: Paint) -> Narrator:
        """The log of a run in this CI's form."""
        ...

    def mask(self, secret: str) -> str:
        """The lines that make the CI hide a secret; empty where it cannot."""
        ...


class PlainLog:
    """Of a laptop, or of a CI that does not fold lines."""

    def narrator(self, stream: TextIO, clock: Clock, redactor: Redactor, paint: Paint) -> Narrator:
        return PlainNarrator(stream, clock, redactor, paint)

    def mask(self, secret: str) -> str:
        return ""
