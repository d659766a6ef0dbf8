"""ScanReport and Policy to Verdict: a pure function, the same wherever it is called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ecr_push.findings import Finding, PlatformScan, ScanReport
from ecr_push.policy import Policy
from ecr_push.severity import Severity


@dataclass(frozen=True)
class RuleResult:
    """One rule on one platform: how many it counted, how many it allows, and which findings it counted."""

    rule: str
    platform: str
    allowed: int
    counted: int
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        return self.counted <= self.allowed


@dataclass(frozen=True)
class Verdict:
    """Accepted or refused, with every rule that was applied. A refusal is data, not an error.

    warnings name what was let through without a judgement, such as an image that cannot be scanned.
    """

    accepted: bool
    rules: tuple[RuleResult, ...]
    warnings: tuple[str, ...] = ()

    @property
    def broken(self) -> tuple[RuleResult, ...]:
        return tuple(rule for rule in self.rules if not rule.passed)

    @property
    def deciding(self) -> tuple[Finding, ...]:
        """The findings that decided on a refusal, each once, worst first."""
        found = dict.fromkeys(finding for rule in self.broken for finding in rule.findings)
        return tuple(sorted(found, key=lambda finding: (-finding.severity, finding.id, finding.package)))


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
