"""When an image needs a look."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ecr_push.base.severity import Severity
from ecr_push.pipeline.status.judge import Limits, judged
from ecr_push.pipeline.status.model import ImageStatus
from tests.support import status_samples as samples
from tests.support.status_samples import NOW, exception, image, verdict


@pytest.mark.parametrize(
    ("found", "texts"),
    [
        (samples.CALM, []),
        (samples.GROWN, ["new since the verdict: 1 CRITICAL: CVE-2026-1234 in openssl"]),
        (samples.OLD, ["the judged scan ended 45 days ago"]),
        (samples.ENDING, ["the exception CVE-2026-9 in zlib of team web ends in 5 days, on 2026-12-05"]),
        (
            samples.ENDED,
            [
                "the verdict is observed, not accepted",
                "the exception CVE-2026-9 in zlib of team web ended on 2026-11-29",
            ],
        ),
        (samples.UNJUDGED, ["there is no statement of a verdict: --attest-verdict attaches one"]),
        (samples.UNSCANNED, ["there is no scan of linux/amd64"]),
    ],
)
def test_each_reason(found: ImageStatus, texts: list[str]) -> None:
    assert [one.text for one in found.reasons] == texts


def test_limits_decide() -> None:
    assert (
        judged(samples.GROWN, Limits(severity=Severity.LOW), NOW)
        .reasons[0]
        .text.startswith("new since the verdict: 1 CRITICAL, 1 LOW")
    )
    assert not judged(samples.OLD, Limits(age=0), NOW).reasons
    assert not judged(samples.ENDING, Limits(ends_within=0), NOW).reasons


@pytest.mark.parametrize(
    ("until", "when"),
    [(date(2026, 11, 30), "ends today"), (date(2026, 12, 1), "ends tomorrow"), (None, "")],
)
def test_the_last_day_counts(until: date | None, when: str) -> None:
    reasons = image("1", "latest", verdict=verdict(1, "accepted", exception(until))).reasons
    assert [when in one.text for one in reasons] == ([True] if when else [])


def test_a_statement_without_the_time_of_its_scan_is_of_unknown_age() -> None:
    said = samples.CALM.verdict
    assert said is not None
    unknown = replace(samples.CALM, verdict=replace(said, scanned_at=None))
    assert [one.kind for one in judged(unknown, Limits(), NOW).reasons] == ["old"]
    assert not judged(unknown, Limits(age=0), NOW).reasons


def test_what_was_accepted_without_a_scan_is_not_looked_at_for_that() -> None:
    said = samples.CALM.verdict
    assert said is not None
    scratch = replace(samples.CALM, verdict=replace(said, scanned_at=None, unscannable=True), counts=None)
    assert judged(scratch, Limits(), NOW, unscannable="it cannot be scanned").reasons == ()
    assert [one.kind for one in judged(scratch, Limits(), NOW, "no answer", "it cannot").reasons] == [
        "unread"
    ]
    assert judged(samples.CALM, Limits(), NOW, unscannable="it cannot be scanned").reasons
