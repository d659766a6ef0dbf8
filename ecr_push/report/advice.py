"""Outcome -> advice: what to fix first, what each update fixes, which exceptions need attention. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from ecr_push.base.dataclass import dataclass
from ecr_push.base.severity import Severity
from ecr_push.base.sizes import megabytes
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import ExceptionResult, Treatment, Verdict
from ecr_push.report.escape import one_line
from ecr_push.report.updates import find_updates, packages_to_update, some
from ecr_push.scan.findings import Finding, Package

NEAR_DAYS = 14
SUPERSEDED = "pushed by this run and not released, since another pipeline's image of this commit was first"
_LONGEST_STEP = 60  # characters


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


def went_well(outcome: Outcome) -> bool:
    """Whether a report says no more than what came of the run: nothing has to be done about it."""
    return outcome.exit_code == 0 and outcome.status != "observed"


def subject(outcome: Outcome) -> str:
    """Returns what a run was about: `team/app 1.4.2`, or the image that the command names."""
    run = outcome.run
    if run.arguments:
        return ", ".join(run.arguments[:3]) if run.command == "gate" else run.arguments[0]
    if outcome.verification:
        return outcome.verification.named
    name = outcome.repository.name if outcome.repository else outcome.plan.target.name if outcome.plan else ""
    return " ".join(filter(None, (name, outcome.plan.version.text if outcome.plan else "")))


def size_and_platform(outcome: Outcome) -> str:
    """Returns `26 MB, linux/amd64`, as far as that is known."""
    pushed = outcome.pushed
    platforms = [one.platform for one in pushed.images if one.platform] if pushed else []
    size = megabytes(outcome.size) if outcome.size else ""
    return ", ".join(filter(None, (size, *(platforms or [outcome.platform]))))


def what_was_read(outcome: Outcome) -> str:
    """Returns which settings and which policy were read; after a refusal with the policy's hash."""
    files = outcome.verdict.policy if outcome.verdict else outcome.policy.sources if outcome.policy else ()
    parts = [outcome.run.settings] if outcome.run.settings else []
    parts += [f"policy from {', '.join(files)}"] if files else []
    if outcome.policy and not outcome.released:
        from ecr_push.policy.digest import policy_digest  # most runs end with a release

        parts += [f"policy in effect {policy_digest(outcome.policy)[:19]}"]
    return "; ".join(parts)


def kept_candidate(outcome: Outcome) -> str:
    """Returns the reference of a candidate that can be pulled after the run; "" if there is none."""
    if outcome.candidate is None or outcome.pushed is None or outcome.run.sandbox:
        return ""
    return outcome.pushed.repository.tagged(outcome.candidate)


def left_tags(outcome: Outcome) -> tuple[str, ...]:
    """The tags that an accepted image was still to get when its run ended, in their order.

    The first of them may have moved without an answer.
    """
    if outcome.failure is None or outcome.plan is None or not outcome.may_have_moved:
        return ()
    done = {one.tag for one in outcome.promoted}
    return tuple(tag.tag.name for tag in outcome.plan.tags if tag.tag not in done)


def all_findings(outcome: Outcome) -> str:
    """Returns where all findings are, in words, or what writes them to a file."""
    files = dict(reversed(outcome.run.reports))  # of a format the first
    for name in ("html", "json"):
        if name in files:
            return f"{files[name]} has all of them"
    option = "--result result.json" if outcome.run.command == "gate" else "--report report.html"
    return f"with {option} a file has all of them"


def places(packages: Sequence[Package], outcome: Outcome) -> tuple[str, ...]:
    """Returns where packages are, each place once: file, layer, whose it is, and the step that made it."""
    found = dict.fromkeys(place for one in packages if (place := _place(one, outcome)))
    return tuple(found)


def _place(package: Package, outcome: Outcome) -> str:
    parts = [package.path] if package.path else []
    if package.layer:
        base_layers = outcome.verdict.base_layers if outcome.verdict else frozenset()
        about = ["base image" if package.layer in base_layers else "this image's own"] if base_layers else []
        about += [one_line(step, _LONGEST_STEP)] if (step := outcome.layer_steps.get(package.layer)) else []
        whose = f" ({': '.join(about)})" if about else ""
        parts.append(f"layer {package.layer.removeprefix('sha256:')[:12]}{whose}")
    return ", ".join(parts)


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
