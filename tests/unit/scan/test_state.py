"""Every status that the API has, for both kinds of scanning, and what it has not."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.shape import OddValueError
from ecr_push.scan.state import AnswerState, Step, classify_answer

STATUSES = (
    botocore.session.get_session().get_service_model("ecr").shape_for("ScanStatus").enum  # type: ignore[attr-defined]
)
STEPS = {
    "PENDING": Step.WAITING,
    "IN_PROGRESS": Step.WAITING,
    "COMPLETE": Step.SETTLING,
    "ACTIVE": Step.SETTLING,
    "FAILED": Step.FAILED,
    "FINDINGS_UNAVAILABLE": Step.FAILED,
    "LIMIT_EXCEEDED": Step.FAILED,
    "UNSUPPORTED_IMAGE": Step.UNSCANNABLE,
    "SCAN_ELIGIBILITY_EXPIRED": Step.UNSCANNABLE,
    "IMAGE_ARCHIVED": Step.UNSCANNABLE,
    "IMAGE_SIZE_EXCEEDED": Step.UNSCANNABLE,
}
AT = datetime(2026, 11, 2, 12, 0, tzinfo=timezone.utc)
FINDING = [{"name": "CVE-1"}]
BODY = "imageScanFindings"


def answer(status: str, description: str = "", **body: Any) -> dict[str, Any]:
    reported = {"imageScanStatus": {"status": status, "description": description}}
    return reported | ({"imageScanFindings": body} if body else {})


def test_no_status_of_the_service_model_is_forgotten() -> None:
    assert set(STEPS) == set(STATUSES)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("body", [{}, {"findings": []}, {"findings": [], "enhancedFindings": []}])
def test_what_each_status_means_without_findings(status: str, body: dict[str, Any]) -> None:
    reading = classify_answer(answer(status, **body))
    step = STEPS[status] if body or STEPS[status] is not Step.SETTLING else Step.UNLISTED
    assert (reading.step, reading.status) == (step, status)
    assert bool(reading.why) == (reading.step in (Step.FAILED, Step.UNSCANNABLE))


@pytest.mark.parametrize("status", STATUSES)
def test_only_what_is_done_by_its_word_is_done_by_its_time(status: str) -> None:
    reading = classify_answer(answer(status, imageScanCompletedAt=AT, findings=FINDING))
    assert (reading.step is Step.DONE) == (status in ("COMPLETE", "ACTIVE"))
    assert STEPS[status] in (reading.step, Step.SETTLING)


@pytest.mark.parametrize(
    ("body", "step", "completed_at"),
    [
        ({"imageScanCompletedAt": AT, "findings": []}, Step.DONE, AT),
        ({"imageScanCompletedAt": AT, "enhancedFindings": [], "findingSeverityCounts": {}}, Step.DONE, AT),
        ({"imageScanCompletedAt": None, "findings": []}, Step.SETTLING, None),
        ({"findingSeverityCounts": {"HIGH": 1}, "findings": []}, Step.SETTLING, None),
        # Without a list of findings nothing says what was found, whatever else is there.
        ({"imageScanCompletedAt": AT}, Step.UNLISTED, None),
        ({"imageScanCompletedAt": AT, "findingSeverityCounts": {}}, Step.UNLISTED, None),
        ({"imageScanCompletedAt": AT, "findings": None, "enhancedFindings": None}, Step.UNLISTED, None),
    ],
)
def test_the_time_of_completion_decides(
    body: dict[str, Any], step: Step, completed_at: datetime | None
) -> None:
    for status in ("COMPLETE", "ACTIVE"):
        reading = classify_answer(answer(status, **body))
        assert (reading.step, reading.completed_at) == (step, completed_at)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        ("COMPLETE", {"findings": FINDING}, "basic"),
        ("COMPLETE", {"enhancedFindings": FINDING}, "enhanced"),
        ("COMPLETE", {"findings": [], "enhancedFindings": FINDING}, "enhanced"),
        ("COMPLETE", {"findings": []}, "unknown"),
        ("ACTIVE", {"findings": []}, "enhanced"),
        ("IN_PROGRESS", {"findings": FINDING}, "unknown"),
    ],
)
def test_findings_show_the_kind_of_scanning_and_complete_never_does(
    status: str, body: dict[str, Any], kind: str
) -> None:
    assert classify_answer(answer(status, **body)).kind == kind


@pytest.mark.parametrize("status", ["FAILED", "COMPLETE", "ACTIVE"])
def test_what_basic_scanning_cannot_read_is_not_a_clean_image(status: str) -> None:
    said = "UnsupportedImageError: The operating system and/or package manager are not supported."
    reading = classify_answer(answer(status, said, imageScanCompletedAt=AT))
    assert (reading.step, reading.why) == (Step.UNSCANNABLE, said)


def test_no_scan() -> None:
    assert classify_answer(None) == AnswerState(Step.MISSING, "no scan found")


@given(st.text(), st.booleans(), st.sampled_from([{}, {"imageScanCompletedAt": AT, "findings": []}]))
def test_a_status_that_is_not_in_the_model_is_not_a_result(
    word: str, cased: bool, body: dict[str, Any]
) -> None:
    if word not in STATUSES:
        assert classify_answer(answer(word, **body)).step is Step.WAITING
    assert classify_answer(answer("complete" if cased else "Active", **body)).step is Step.WAITING


@pytest.mark.parametrize(
    ("odd", "member"),
    [
        ({"imageScanStatus": "COMPLETE"}, "imageScanStatus"),
        ({"imageScanStatus": {"status": ["COMPLETE"]}}, "imageScanStatus.status"),
        (
            answer("COMPLETE", imageScanCompletedAt="soon", findings=[]),
            "imageScanFindings.imageScanCompletedAt",
        ),
        (
            answer("COMPLETE", imageScanCompletedAt=True, findings=[]),
            "imageScanFindings.imageScanCompletedAt",
        ),
        (
            answer("COMPLETE", imageScanCompletedAt=AT, enhancedFindings={}),
            "imageScanFindings.enhancedFindings",
        ),
        ({"imageScanStatus": {"status": "COMPLETE"}, BODY: []}, BODY),
    ],
)
def test_an_answer_of_another_form_is_none(odd: dict[str, Any], member: str) -> None:
    with pytest.raises(OddValueError) as caught:
        classify_answer(odd)
    assert caught.value.path == member


@pytest.mark.parametrize(
    "odd", [{}, {"imageScanStatus": None}, {"imageScanStatus": {}}, {"imageScanFindings": None}]
)
def test_an_answer_without_a_status_is_none(odd: dict[str, Any]) -> None:
    assert classify_answer(odd).step is Step.WAITING
