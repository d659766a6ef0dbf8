"""ScanReport and Policy to Verdict: a pure function, the same wherever it is called."""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.findings import PlatformScan, ScanReport
from ecr_push.policy import Policy
from ecr_push.severity import Severity
from ecr_push.verdict import RuleResult, Verdict


def judge(report: ScanReport, policy: Policy) -> Verdict:
    """Applies every rule to every platform by itself; one broken rule refuses the whole image."""
    rules = tuple(
        result
        for platform in report.platforms
        if not platform.unscannable
        for result in _apply(platform, policy)
    )
    warnings = tuple(
        f"{one.platform or one.digest.short} was not scanned: {one.unscannable}" for one in report.unscannable
    )
    refused_unscanned = bool(report.unscannable) and policy.unscannable == "refuse"
    nothing_judged = not report.platforms
    accepted = all(rule.passed for rule in rules) and not refused_unscanned and not nothing_judged
    return Verdict(accepted, rules, warnings)


def _apply(scan: PlatformScan, policy: Policy) -> Iterable[RuleResult]:
    if policy.fail_on is not None:
        yield _count(scan, f"no finding of {policy.fail_on.name} or worse", 0, _from(policy.fail_on))
    if policy.limits:
        worst = max(policy.limits)
        if worse := _from(worst) - {worst}:
            yield _count(scan, f"no finding worse than {worst.name}", 0, worse)
        for severity, allowed in sorted(policy.limits.items(), reverse=True):
            yield _count(scan, f"at most {allowed} of {severity.name}", allowed, {severity})


def _from(severity: Severity) -> set[Severity]:
    return {one for one in Severity if one >= severity}


def _count(scan: PlatformScan, rule: str, allowed: int, severities: set[Severity]) -> RuleResult:
    return RuleResult(
        rule,
        scan.platform,
        allowed,
        sum(number for severity, number in scan.counts.items() if severity in severities),
        tuple(finding for finding in scan.findings if finding.severity in severities),
    )
