"""What a CI takes of a run: one small interface, so that nothing else asks which CI it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Protocol

from ecr_push.base.dataclass import dataclass
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import Outcome
from ecr_push.report.escape import log_line
from ecr_push.settings.report_files import ReportFile


@dataclass(frozen=True)
class CiMessages:
    """Lines for standard error, and texts to append to the CI's files, by path."""

    log: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


class CiOutput(Protocol):
    """What a CI takes of a run, beside the lines of its log."""

    def messages_for(self, outcome: Outcome, reports: Sequence[ReportFile]) -> CiMessages:
        """outcome holds no secrets; reports are those that were written, by absolute paths."""
        ...

    def messages_for_changed_exit(self, failure: Failure) -> CiMessages:
        """What failed after a run was reported: only the exit code is another one."""
        ...

    def group(self, title: str, text: str) -> str:
        """Lines of the log that few people read, folded where the CI can; text holds no secrets."""
        ...


class NoCi:
    """A laptop, or a CI that takes nothing but the log."""

    def messages_for(self, outcome: Outcome, reports: Sequence[ReportFile]) -> CiMessages:
        return CiMessages()

    def messages_for_changed_exit(self, failure: Failure) -> CiMessages:
        return CiMessages()

    def group(self, title: str, text: str) -> str:
        return "".join(f"{log_line(line)}\n" for line in (f"{title}:", *text.splitlines()))
