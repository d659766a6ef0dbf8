"""A response of DescribeImageScanFindings -> the step that the scan is in. Pure.

Statuses are those of shape ScanStatus of ECR's service model. Basic and enhanced scanning use the same
statuses (aws/aws-sdk#289), so a status does not show which one it is. An unknown status is not a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.shape import items, optional_text, optional_time
from ecr_push.registry.interface import ScanMode
from ecr_push.scan.answer_shape import FINDINGS, has_list


class Step(Enum):
    """The step that a scan is in. The last four may end the wait for an image."""

    MISSING = "no scan found"
    WAITING = "not done"
    UNLISTED = "complete, but without a list of findings"
    SETTLING = "complete, but without a completion time"
    DONE = "done"
    UNSCANNABLE = "cannot be scanned"
    FAILED = "there will be no result"


# In words: the service's own say only how it has been set, `Continuous scan is selected for image.`
_DONE = {"COMPLETE": "scanned", "ACTIVE": "scanned, and from now on continuously"}
_UNSCANNABLE = {
    "UNSUPPORTED_IMAGE": "its operating system or package manager is not supported",
    "IMAGE_SIZE_EXCEEDED": "it is larger than the limit for scans",
    "IMAGE_ARCHIVED": "it is archived: restore it first",
    "SCAN_ELIGIBILITY_EXPIRED": "it is too old to be scanned: push it again",
}
_FAILED = {
    "FAILED": "the scan failed",
    "FINDINGS_UNAVAILABLE": "the findings are not available",
    "LIMIT_EXCEEDED": "the limit of scans has been reached",
}
# How basic scanning reports that it cannot read an image: the description of FAILED (recorded).
_UNSUPPORTED = "UnsupportedImageError"


@dataclass(frozen=True)
class AnswerState:
    """One response, classified.

    status:       as ECR reports it, or our own text if there is none.
    why:          for UNSCANNABLE and FAILED, the reason in words.
    completed_at: when the scan was completed; None if the response does not say.
    kind:         the scanning that a response with findings is from, by its fields; otherwise "unknown".
    """

    step: Step
    status: str
    description: str = ""
    why: str = ""
    completed_at: datetime | None = None
    kind: ScanMode = "unknown"

    @property
    def text(self) -> str:
        said = _DONE[self.status] if self.step is Step.DONE else self.description
        return f"{self.status}: {said}" if said else self.status


def classify_answer(answer: Mapping[str, Any] | None) -> AnswerState:
    """Classifies the first page of a response; None stands for ScanNotFoundException.

    Only a result with a completion time is done. Enhanced scanning has answered COMPLETE without findings,
    and had them seconds later (aws/aws-sdk#289). Without a list of findings, be it empty, nothing says what
    was found. Raises OddValueError for a member of another type.
    """
    if answer is None:
        return AnswerState(Step.MISSING, Step.MISSING.value)
    status = optional_text(answer, "imageScanStatus", "status") or "no status"
    description = optional_text(answer, "imageScanStatus", "description")
    completed_at = optional_time(answer, FINDINGS, "imageScanCompletedAt")
    if description.startswith(_UNSUPPORTED) and status in {*_DONE, "FAILED"}:
        return AnswerState(Step.UNSCANNABLE, status, description, description)
    if status in _UNSCANNABLE:
        return AnswerState(Step.UNSCANNABLE, status, description, description or _UNSCANNABLE[status])
    if status in _FAILED:
        return AnswerState(Step.FAILED, status, description, _FAILED[status])
    if status in _DONE:
        if not has_list(answer):
            return AnswerState(Step.UNLISTED, status, Step.UNLISTED.value)
        step = Step.DONE if completed_at else Step.SETTLING
        return AnswerState(step, status, description, completed_at=completed_at, kind=_kind(status, answer))
    return AnswerState(Step.WAITING, status, description)


def _kind(status: str, answer: Mapping[str, Any]) -> ScanMode:
    if status == "ACTIVE" or items(answer, FINDINGS, "enhancedFindings"):
        return "enhanced"  # basic scanning is never continuous
    return "basic" if items(answer, FINDINGS, "findings") else "unknown"


def may_be_unscannable(status: str, why: str) -> bool:
    """Whether a result with this status may say that the image cannot be scanned: one that we wrote."""
    ours = ("NONE", "OFF")
    return status in (*_UNSCANNABLE, *ours) or (why.startswith(_UNSUPPORTED) and status in {*_DONE, "FAILED"})


def is_done(status: str) -> bool:
    """Whether the status is that of a finished scan."""
    return status in _DONE
