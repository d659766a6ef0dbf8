"""What a person wants to know first: what to fix, what an update brings, which exceptions need care."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ecr_push.base.severity import Severity
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import ExceptionResult, Treatment, Verdict
from ecr_push.report.updates import find_updates, packages_to_update, some
from ecr_push.scan.findings import Finding

NEAR_DAYS = 14


@dataclass(frozen=True)
class ToFix:
    """A finding that decided, and the platforms that it was found on; none where the image has but one."""

    finding: Finding
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True)
class UpdateAdvice:
    """Packages that are updated together, to one version, and the findings of each severity that it ends."""

    package: str
    to: str
    fixes: Mapping[Severity, int]


def urgency(finding: Finding) -> tuple[object, ...]:
    """The order in which to fix: the worst first, then the exploited, then what an update mends."""
    return (
        -finding.severity,
        finding.exploited is not True,
        finding.fixable is not True,
        -(finding.epss or 0),
        -(finding.score or 0),
        finding.id,
        finding.package,
    )


def to_fix(verdict: Verdict) -> tuple[ToFix, ...]:
    """The findings that decided on a refusal, most urgent first, each once for all platforms."""
    found: dict[tuple[str, str, str], Finding] = {}
    platforms: dict[tuple[str, str, str], dict[str, None]] = {}
    for rule in verdict.broken:
        for finding in rule.findings:
            found.setdefault(_key(finding), finding)
            if rule.platform:
                platforms.setdefault(_key(finding), {})[rule.platform] = None
    for one in verdict.judged:
        if one.treatment is Treatment.REFUSES and one.platform:
            platforms.setdefault(_key(one.finding), {})[one.platform] = None
    ordered = sorted(found.items(), key=lambda item: urgency(item[1]))
    return tuple(ToFix(finding, tuple(platforms.get(key, ()))) for key, finding in ordered)


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.id, finding.package, finding.version


def on(one: ToFix, outcome: Outcome) -> str:
    """Where a finding is, in words: empty where it is on all platforms, so that nobody need ask."""
    scanned = {platform.platform for platform in outcome.scan.platforms} if outcome.scan else set()
    return "" if scanned <= set(one.platforms) or len(scanned) < 2 else ", ".join(one.platforms)


def updates(findings: Iterable[Finding]) -> tuple[UpdateAdvice, ...]:
    """The updates that mend findings, the one that brings most first.

    A package whose findings were fixed in several versions needs the highest of them.
    """
    listed = list(findings)
    found = [
        UpdateAdvice(some(one.packages), one.target, Counter(listed[place].severity for place in one.ends))
        for one in find_updates([packages_to_update(one) for one in listed])
    ]
    return tuple(
        sorted(found, key=lambda one: ([-one.fixes.get(of, 0) for of in reversed(Severity)], one.package))
    )


def severities(counts: Mapping[Severity, int]) -> str:
    """`3 CRITICAL, 5 HIGH`, worst first."""
    return ", ".join(f"{counts[one]} {one}" for one in reversed(Severity) if counts.get(one))


def left_out(verdict: Verdict) -> tuple[tuple[str, str], ...]:
    """What was found and did not count, by the reason: (`excepted`, `2 HIGH, 1 LOW`)."""
    reasons = (Treatment.EXCEPTED, Treatment.NOT_AFFECTED, Treatment.KNOWN, Treatment.OUT_OF_SCOPE)
    return tuple(
        (reason.value, severities(verdict.counts(reason)))
        for reason in reasons
        if verdict.treatments.get(reason)
    )


def care(outcome: Outcome) -> tuple[str, ...]:
    """What to do about exceptions: those that end soon or are over, in words, with owner and place.

    What a warning or an error says already is not said again.
    """
    verdict = outcome.verdict
    if verdict is None:
        return ()
    said = "\n".join((*verdict.warnings, *verdict.errors))
    today = outcome.run.started_at.date() if outcome.run.started_at else None
    return tuple(
        f"{one.text}{_from(one)} {trouble}"
        for one in verdict.exceptions
        if not (one.central and not one.matched)  # it is for other images
        and (trouble := _trouble(one, today))
        and not (one.state != "used" and f"exception {one.text} (" in said)
    )


def _trouble(one: ExceptionResult, today: date | None) -> str:
    if one.state == "unused":
        return "matches nothing any more: remove it"
    if one.state == "expired":
        return f"is over since {one.until}" if one.until else "is over"
    if one.state == "outgrown":
        return "is over: a fixed version is there"
    days = _days(one.until, today)
    if days is None or days > NEAR_DAYS:
        return ""
    return f"ends on {one.until}, " + ("today" if days <= 0 else f"in {days} day{'s' if days > 1 else ''}")


def _days(until: str, today: date | None) -> int | None:
    try:
        return (date.fromisoformat(until[:10]) - today).days if today else None
    except ValueError:
        return None


def _from(one: ExceptionResult) -> str:
    about = ", ".join(part for part in (one.owner, one.where) if part)
    return f" ({about})" if about else ""
