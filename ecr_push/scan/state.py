"""What an answer of DescribeImageScanFindings means: status to step. Pure.

Statuses are those of shape ScanStatus of ECR's service model. The same words come from basic and from
enhanced scanning (aws/aws-sdk#289), so no word tells the two apart. A word that is not here is no answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from ecr_push.base.values import read_time
from ecr_push.registry.interface import ScanMode


class Step(Enum):
    """Where a scan stands. The last four end the wait for an image, if nothing else speaks against it."""

    MISSING = "no scan found"
    WAITING = "not done"
    SETTLING = "done by its word, without anything that proves it"
    DONE = "done"
    UNSCANNABLE = "cannot be scanned"
    FAILED = "no answer will come"


_DONE = frozenset({"COMPLETE", "ACTIVE"})
_UNSCANNABLE = {
    "UNSUPPORTED_IMAGE": "its operating system or package manager is not supported",
    "IMAGE_SIZE_EXCEEDED": "it is larger than ECR scans",
    "IMAGE_ARCHIVED": "it is archived: restore it first",
    "SCAN_ELIGIBILITY_EXPIRED": "it is too old to be scanned: push it again",
}
_FAILED = {
    "FAILED": "the scan failed",
    "FINDINGS_UNAVAILABLE": "the findings are not available",
    "LIMIT_EXCEEDED": "the limit of scans is reached",
}
# How basic scanning says that it cannot read an image, in the description of FAILED (recorded).
_UNSUPPORTED = "UnsupportedImageError"


@dataclass(frozen=True)
class AnswerState:
    """One answer, understood.

    status:       ECR's word, or ours where there is none.
    why:          for UNSCANNABLE and FAILED, the reason in words.
    completed_at: when the scan was completed; None where the answer does not tell.
    kind:         the scanning that an answer with findings is from, by its own fields; "unknown" without.
    """

    step: Step
    status: str
    description: str = ""
    why: str = ""
    completed_at: datetime | None = None
    kind: ScanMode = "unknown"

    @property
    def text(self) -> str:
        return f"{self.status}: {self.description}" if self.description else self.status


def classify_answer(answer: Mapping[str, Any] | None) -> AnswerState:
    """The first page of an answer; None is ScanNotFoundException.

    Done is only what says when it was completed. Enhanced scanning has answered COMPLETE with nothing
    and got its findings seconds later (aws/aws-sdk#289).
    """
    if answer is None:
        return AnswerState(Step.MISSING, Step.MISSING.value)
    told = answer.get("imageScanStatus") or {}
    status = str(told.get("status") or "no status")
    description = str(told.get("description") or "")
    body = answer.get("imageScanFindings") or {}
    completed_at = read_time(body.get("imageScanCompletedAt"))
    if description.startswith(_UNSUPPORTED) and status in {*_DONE, "FAILED"}:
        return AnswerState(Step.UNSCANNABLE, status, description, description)
    if status in _UNSCANNABLE:
        return AnswerState(Step.UNSCANNABLE, status, description, description or _UNSCANNABLE[status])
    if status in _FAILED:
        return AnswerState(Step.FAILED, status, description, _FAILED[status])
    if status in _DONE:
        step = Step.DONE if completed_at else Step.SETTLING
        return AnswerState(step, status, description, completed_at=completed_at, kind=_kind(status, body))
    return AnswerState(Step.WAITING, status, description)


def _kind(status: str, body: Mapping[str, Any]) -> ScanMode:
    if status == "ACTIVE" or body.get("enhancedFindings"):
        return "enhanced"  # basic scanning is done once, and over
    return "basic" if body.get("findings") else "unknown"
