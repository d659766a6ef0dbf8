"""What a CI wants to be told of a run: one small interface, so that nobody else asks where it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from ecr_push.base.clock import Clock
from ecr_push.base.log import Narrator, PlainNarrator, Redactor
from ecr_push.pipeline.outcome import Failure, Outcome
from ecr_push.report.escape import log_line
from ecr_push.settings.report_files import ReportFile


@dataclass(frozen=True)
class Told:
    """What an outcome means to a CI: lines for standard error, and texts to append to its files, by path."""

    log: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


class CiOutput(Protocol):
    def narrator(self, stream: TextIO, clock: Clock, redactor: Redactor) -> Narrator:
        """How this CI's log likes a run to be told."""
        ...

    def mask(self, secret: str) -> str:
        """The lines that have the CI hide a secret; empty where it has no such means."""
        ...

    def tell(self, outcome: Outcome, reports: Sequence[ReportFile]) -> Told:
        """outcome holds no secrets; reports are those that were written, by absolute paths."""
        ...

    def amend(self, failure: Failure) -> Told:
        """What went wrong after a run was told: the exit code is another one, and nothing else."""
        ...

    def fold(self, title: str, text: str) -> str:
        """Lines of the log that few people want to see; text holds no secrets."""
        ...


class NoCi:
    """A laptop, or a CI that wants nothing but the log."""

    def narrator(self, stream: TextIO, clock: Clock, redactor: Redactor) -> Narrator:
        return PlainNarrator(stream, clock, redactor)

    def mask(self, secret: str) -> str:
        return ""

    def tell(self, outcome: Outcome, reports: Sequence[ReportFile]) -> Told:
        return Told()

    def amend(self, failure: Failure) -> Told:
        return Told()

    def fold(self, title: str, text: str) -> str:
        return "".join(f"{log_line(line)}\n" for line in (f"{title}:", *text.splitlines()))
