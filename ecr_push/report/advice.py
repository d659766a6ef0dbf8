"""Outcome -> advice: what to fix first, what each update fixes, which exceptions need attention. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from ecr_push.base.dataclass import dataclass
from ecr_push.base.severity import Severity
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import ExceptionResult, Treatment, Verdict
from ecr_push.report.updates import find_updates, packages_to_update, some
from ecr_push.scan.findings import Finding
from ecr_push.tags.kinds import ReleaseTag, TagKind

NEAR_DAYS = 14


@dataclass(frozen=True)
class ToFix:
    """A finding that caused the refusal, and the platforms that have it; empty if the image has only one."""

    finding: Finding
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True)
class UpdateAdvice:
    """Packages that are updated together, to one version, and the findings of each severity that it fixes."""

    package: str
    to: str
    fixes: Mapping[Severity, int]


def urgency(finding: Finding) -> tuple[object, ...]:
    """Returns a sort key, most urgent first: by severity, known exploit, whether an update fixes it."""
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
    """Returns the findings that caused a refusal, most urgent first, each once for all platforms."""
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
    """Returns the platforms of a finding, in words; "" if it is on all platforms."""
    scanned = {platform.platform for platform in outcome.scan.platforms} if outcome.scan else set()
    return "" if scanned <= set(one.platforms) or len(scanned) < 2 else ", ".join(one.platforms)


def updates(findings: Iterable[Finding]) -> tuple[UpdateAdvice, ...]:
    """Returns the updates that fix findings, the most effective first.

    A package whose findings are fixed in different versions needs the highest of them.
    """
    listed = list(findings)
    found = [
        UpdateAdvice(some(one.packages), one.target, Counter(listed[place].severity for place in one.ends))
        for one in find_updates([packages_to_update(one) for one in listed])
    ]
    return tuple(
        sorted(found, key=lambda one: ([-one.fixes.get(of, 0) for of in reversed(Severity)], one.package))
    )


def kept_candidate(outcome: Outcome) -> str:
    """Returns the reference of a candidate that can be pulled after the run; "" if there is none."""
    if outcome.candidate is None or outcome.pushed is None or outcome.run.sandbox:
        return ""
    return outcome.pushed.repository.tagged(outcome.candidate)


def promote_command(outcome: Outcome) -> str:
    """Returns the command that evaluates and releases a kept candidate; "" if there is none, or a test of it
    did not pass: `promote` runs no tests.

    Without tags that follow a branch: `promote` does not know the branch, and entered late it would move them
    back behind a later commit. The branch's next run sets them.
    """
    kept = kept_candidate(outcome) if all(one.ending == "passed" for one in outcome.tests) else ""
    tags = (
        " ".join(tag.tag.name for tag in outcome.plan.tags if not _follows_branch(tag))
        if outcome.plan
        else ""
    )
    return f"ecr-push promote {kept} {tags}" if kept and tags else ""


def _follows_branch(tag: ReleaseTag) -> bool:
    return tag.kind is TagKind.BRANCH or (tag.kind is TagKind.LATEST and tag.line is None)


def severities(counts: Mapping[Severity, int]) -> str:
    """Returns `3 CRITICAL, 5 HIGH`, worst first."""
    return ", ".join(f"{counts[one]} {one}" for one in reversed(Severity) if counts.get(one))


def left_out(verdict: Verdict) -> tuple[tuple[str, str], ...]:
    """Returns the findings that did not count, by reason: (`excepted`, `2 HIGH, 1 LOW`)."""
    reasons = (Treatment.EXCEPTED, Treatment.NOT_AFFECTED, Treatment.KNOWN, Treatment.OUT_OF_SCOPE)
    return tuple(
        (reason.value, severities(verdict.counts(reason)))
        for reason in reasons
        if verdict.treatments.get(reason)
    )


def care(outcome: Outcome) -> tuple[str, ...]:
    """Returns the exceptions that end soon or have ended, in words, with owner and place.

    What a warning or an error already says is not repeated.
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
        return "no longer matches a finding: remove it"
    if one.state == "expired":
        return f"expired on {one.until}" if one.until else "expired"
    if one.state == "outgrown":
        return "no longer applies: a fixed version is available"
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
