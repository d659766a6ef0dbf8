from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.severity import Severity
from ecr_push.policy.verdict import ExceptionResult, Verdict
from ecr_push.report import advice
from ecr_push.scan.findings import Finding
from tests.support.outcomes import REFUSED, with_facts

HIGH = Finding("CVE-5", Severity.HIGH, "b")
# Each is more urgent than the next.
ORDER = [
    Finding("CVE-9", Severity.CRITICAL, "z"),
    replace(HIGH, id="CVE-8", exploited=True),
    replace(HIGH, id="CVE-7", exploited=False, fix="YES", epss=0.9),
    replace(HIGH, id="CVE-6", fix="YES", epss=0.1, score=9.9),
    replace(HIGH, id="CVE-4", fix="NO", score=8.0),
    replace(HIGH, id="CVE-5", score=7.0),
    replace(HIGH, id="CVE-1"),
    replace(HIGH, id="CVE-1", package="c"),
    Finding("CVE-0", Severity.UNTRIAGED, exploited=True, fix="YES", epss=1.0, score=10.0),
]


@given(st.permutations(ORDER))
def test_the_worst_the_exploited_and_the_fixable_come_first(given: list[Finding]) -> None:
    assert sorted(given, key=advice.urgency) == ORDER


@pytest.mark.parametrize(
    ("versions", "highest"),
    [
        (["3.0.9", "3.0.11", "3.0.10"], "3.0.11"),
        (["1.2", "1.2.1"], "1.2.1"),
        (["1:1.0-1", "2:0.5-1"], "2:0.5-1"),
        (["2023.07.22", "2022.12.07"], "2023.07.22"),
        (["1.1.1k-12.el8_9", "1.1.1k-9.el8"], "1.1.1k-12.el8_9"),
        (["v0.17.0", "v0.9.0"], "v0.17.0"),
    ],
)
def test_an_update_goes_to_the_highest_version_that_is_needed(versions: list[str], highest: str) -> None:
    for versions_seen in (versions, versions[::-1]):
        findings = [replace(HIGH, id=f"CVE-{count}", fixed_in=one) for count, one in enumerate(versions_seen)]
        [update] = advice.updates(findings)
        assert (update.to, update.fixes) == (highest, {Severity.HIGH: len(versions)})


def test_the_update_that_ends_the_worst_comes_first() -> None:
    findings = [
        *(Finding(f"CVE-{count}", Severity.HIGH, "many", fixed_in="2") for count in range(9)),
        Finding("CVE-10", Severity.CRITICAL, "one", fixed_in="2"),
        Finding("CVE-11", Severity.CRITICAL, "unfixed"),
    ]
    assert [one.package for one in advice.updates(findings)] == ["one", "many"]


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("2026-01-02", "ends on 2026-01-02, today"),
        ("2026-01-03", "ends on 2026-01-03, in 1 day"),
        ("2026-01-16", "ends on 2026-01-16, in 14 days"),
        ("2026-01-17", ""),
        ("", ""),
        ("soon", ""),
    ],
)
def test_an_exception_is_reported_before_it_ends(until: str, expected: str) -> None:
    verdict = Verdict(True, (), exceptions=(ExceptionResult("CVE-1", "used", owner="kim", until=until),))
    found = with_facts(
        replace(REFUSED, verdict=verdict), started_at=datetime(2026, 1, 2, 23, 59, tzinfo=timezone.utc)
    )
    assert advice.care(found) == ((f"CVE-1 (kim) {expected}",) if expected else ())
    assert advice.care(with_facts(found, started_at=None)) == ()


def test_an_exception_that_others_need_is_not_said_to_be_useless() -> None:
    """A central policy's are for many images: each report would ask to remove all the others'."""
    there = ExceptionResult("CVE-1", "unused", where="central.yml, line 3", central=True)
    for state, expected in (("unused", 0), ("expired", 0), ("used", 1)):
        one = replace(there, state=state, until="2026-01-03", matched=int(state == "used"))
        verdict = Verdict(True, (), exceptions=(one,))
        found = with_facts(
            replace(REFUSED, verdict=verdict), started_at=datetime(2026, 1, 2, tzinfo=timezone.utc)
        )
        assert len(advice.care(found)) == expected
    own = Verdict(True, (), exceptions=(replace(there, central=False),))
    assert len(advice.care(replace(REFUSED, verdict=own))) == 1


def test_an_exception_counts_although_a_longer_name_was_reported() -> None:
    short, long = (ExceptionResult(f"CVE-2024-{more}", "unused", where="p.yml, line 3") for more in (1, 12))
    verdict = Verdict(
        True, (), warnings=(f"exception {long.text} (p.yml, line 3) matches no finding of this image",)
    )
    shown = advice.care(replace(REFUSED, verdict=replace(verdict, exceptions=(short, long))))
    assert [one.split(" ")[0] for one in shown] == [short.text]
