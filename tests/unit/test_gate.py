from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.findings import Finding, PlatformScan, ScanReport
from ecr_push.gate import judge
from ecr_push.policy import Policy, make_policy
from ecr_push.severity import Severity, parse_limits
from tests.unit.fakes import digest

S = Severity


def scan(counts: dict[Severity, int], platform: str = "") -> PlatformScan:
    findings = tuple(
        Finding(f"CVE-{severity}-{number}", severity)
        for severity, count in counts.items()
        for number in range(count)
    )
    return PlatformScan(digest(platform), platform, "COMPLETE", findings, completed_at="2026-01-02")


def report(*platforms: PlatformScan) -> ScanReport:
    return ScanReport("basic", platforms)


def policy(fail_on: Severity | None = None, limits: str = "") -> Policy:
    return make_policy(fail_on, parse_limits(limits) if limits else None, "refuse")


@pytest.mark.parametrize(
    ("fail_on", "limits", "counts", "accepted"),
    [
        (None, "", {}, True),
        (None, "", {S.MEDIUM: 50, S.LOW: 9, S.UNTRIAGED: 1, S.UNDEFINED: 1}, True),
        (None, "", {S.HIGH: 1}, False),
        (None, "", {S.CRITICAL: 1}, False),  # an order, not a set: worse than high refuses too
        (None, "", {S.UNRECOGNISED: 1}, False),
        (S.CRITICAL, "", {S.HIGH: 9}, True),
        (S.CRITICAL, "", {S.CRITICAL: 1}, False),
        (S.LOW, "", {S.LOW: 1}, False),
        (S.LOW, "", {S.INFORMATIONAL: 1}, True),
        (S.UNDEFINED, "", {S.UNDEFINED: 1}, False),
        (None, "high=5", {S.HIGH: 5}, True),
        (None, "high=5", {S.HIGH: 6}, False),
        (None, "high=5", {S.CRITICAL: 1}, False),  # worse than the worst one named
        (None, "high=5", {S.UNRECOGNISED: 1}, False),
        (None, "high=5", {S.MEDIUM: 1000}, True),
        (None, "critical=1,high=5,medium=50", {S.CRITICAL: 1, S.HIGH: 5, S.MEDIUM: 50}, True),
        (None, "critical=1,high=5,medium=50", {S.MEDIUM: 51}, False),
        (None, "critical=1,medium=50", {S.HIGH: 100}, True),  # neither named nor worse than the worst
        (None, "untriaged=0", {S.UNTRIAGED: 1}, False),
        (S.HIGH, "medium=5", {S.HIGH: 1}, False),
        (S.HIGH, "high=5,medium=5", {S.HIGH: 1}, False),  # both options given: both hold
    ],
)
def test_thresholds(
    fail_on: Severity | None, limits: str, counts: dict[Severity, int], accepted: bool
) -> None:
    assert judge(report(scan(counts)), policy(fail_on, limits)).accepted is accepted


def test_the_verdict_names_the_findings_that_decided_worst_first() -> None:
    verdict = judge(report(scan({S.LOW: 2, S.HIGH: 1, S.CRITICAL: 1})), policy())
    assert [finding.severity for finding in verdict.deciding] == [S.CRITICAL, S.HIGH]
    assert [(rule.rule, rule.counted) for rule in verdict.broken] == [("no finding of HIGH or worse", 2)]


def test_each_platform_is_judged_by_itself() -> None:
    both = report(scan({S.HIGH: 3}, "linux/amd64"), scan({S.HIGH: 3}, "linux/arm64"))
    assert judge(both, policy(limits="high=5")).accepted
    one = report(scan({}, "linux/amd64"), scan({S.HIGH: 6}, "linux/arm64"))
    assert [rule.platform for rule in judge(one, policy(limits="high=5")).broken] == ["linux/arm64"]


def test_nothing_scanned_is_never_accepted() -> None:
    assert not judge(report(), policy()).accepted


@pytest.mark.parametrize(("unscannable", "accepted"), [("refuse", False), ("warn", True)])
def test_an_image_that_cannot_be_scanned(unscannable: str, accepted: bool) -> None:
    lost = PlatformScan(digest("x"), "linux/arm64", "UNSUPPORTED_IMAGE", unscannable="no package manager")
    verdict = judge(
        report(scan({}, "linux/amd64"), lost), make_policy(None, None, unscannable)  # type: ignore[arg-type]
    )  # fmt: skip
    assert verdict.accepted is accepted
    assert verdict.warnings == ("linux/arm64 was not scanned: no package manager",)


counts_strategy = st.dictionaries(st.sampled_from(list(Severity)), st.integers(0, 6), max_size=8)
policy_strategy = st.builds(
    lambda fail_on, limits: make_policy(fail_on, limits, "refuse"),
    st.none() | st.sampled_from(list(Severity)),
    st.dictionaries(st.sampled_from([s for s in Severity if s is not S.UNRECOGNISED]), st.integers(0, 6)),
)


@given(counts_strategy, policy_strategy, st.sampled_from(list(Severity)))
def test_one_more_finding_never_turns_refused_into_accepted(
    counts: dict[Severity, int], rules: Policy, more: Severity
) -> None:
    before = judge(report(scan(counts)), rules).accepted
    after = judge(report(scan({**counts, more: counts.get(more, 0) + 1})), rules).accepted
    assert before or not after


@given(counts_strategy, policy_strategy)
def test_the_order_of_findings_never_matters(counts: dict[Severity, int], rules: Policy) -> None:
    straight = scan(counts)
    turned = PlatformScan(straight.digest, "", "COMPLETE", tuple(reversed(straight.findings)))
    first, second = judge(report(straight), rules), judge(report(turned), rules)
    assert first.accepted == second.accepted
    assert first.deciding == second.deciding


def test_every_severity_is_worse_or_milder_than_every_other() -> None:
    for milder, worse in itertools.combinations(sorted(Severity), 2):
        assert not judge(report(scan({worse: 1})), policy(milder)).accepted
