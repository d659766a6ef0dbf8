"""ScanReport and Policy -> Verdict. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timezone

from ecr_push.base.dataclass import dataclass
from ecr_push.base.severity import Severity
from ecr_push.policy.comparison import BaseImage, Baseline
from ecr_push.policy.exemptions import Exclusion, Exemptions
from ecr_push.policy.finding_pattern import packages_of
from ecr_push.policy.model import Policy
from ecr_push.policy.thresholds import NO_THRESHOLD, PolicyRule, has_threshold, make_rules
from ecr_push.policy.verdict import ExceptionResult, JudgedFinding, RuleResult, Treatment, Verdict
from ecr_push.policy.vex import Subject
from ecr_push.scan.findings import Finding, PlatformScan, ScanReport


@dataclass(frozen=True, eq=False)
class _Examined:
    """One finding, and what the policy says about it before rules count. always: why it is always refused."""

    finding: Finding
    platform: str
    always: str
    exclusion: Exclusion | None


@dataclass(frozen=True)
class _Group:
    """The findings of one platform. unlisted: how many ECR counts without listing them."""

    platform: str
    findings: Sequence[_Examined]
    unlisted: Mapping[Severity, int]


_Counted = tuple[RuleResult, Sequence[_Examined]]


def judge(
    report: ScanReport,
    policy: Policy,
    *,
    today: date,
    baseline: Baseline | None = None,
    base: BaseImage | None = None,
    subject: Subject | None = None,
) -> Verdict:
    """Applies every rule to each platform separately; one broken rule refuses the whole image.

    today:    the day in UTC, which decides whether exceptions have expired.
    baseline: the findings that are known. base: the base image's layers and findings.
    subject:  the image that the findings are about, for VEX statements that name an image.
    """
    exemptions = Exemptions(policy, today, report.mode, baseline, base, subject or Subject())
    groups = [_group(scan, exemptions) for scan in report.platforms if not scan.unscannable]
    rules = make_rules(policy)
    counted = [_count(rule, [group]) for group in groups for rule in rules if not rule.total]
    if groups:
        counted += [_count(rule, groups) for rule in rules if rule.total]
    exceptions = exemptions.results()
    unjudged = tuple(_unjudged(report, policy))
    errors = (*unjudged, *_strict(exceptions, policy))
    accepted = all(result.passed for result, _ in counted) and not errors
    notices = tuple(_notices(policy, accepted=accepted, unjudged=bool(unjudged)))
    return Verdict(
        accepted=accepted,
        rules=tuple(result for result, _ in counted),
        warnings=(*notices, *_warnings(report, policy, exceptions, baseline, base), *exemptions.remarks()),
        judged=tuple(_treat(groups, counted)),
        exceptions=exceptions,
        errors=errors,
        baseline=baseline.name if baseline and baseline.known else "",
        policy=policy.sources,
        gone=baseline.gone(found for scan in report.platforms for found in scan.findings) if baseline else (),
        base_layers=base.all_layers if base else frozenset(),
        observe=policy.observe,
        unjudged=bool(unjudged),
        notices=notices,
    )


def utc_date(moment: datetime) -> date:
    """Returns the day in UTC of a moment in any time zone."""
    return moment.astimezone(timezone.utc).date()


def _group(scan: PlatformScan, exemptions: Exemptions) -> _Group:
    listed = Counter(one.severity for one in scan.findings)
    unlisted = {severity: number - listed[severity] for severity, number in scan.counts.items()}
    return _Group(scan.platform, list(_examine(scan, exemptions)), unlisted)


def _examine(scan: PlatformScan, exemptions: Exemptions) -> Iterable[_Examined]:
    exemptions.note_image(scan)
    for finding in scan.findings:
        always = exemptions.always_refused_reason(finding, scan.platform)
        exclusion = exemptions.exclusion_for(finding, scan)  # always: it records which exceptions match
        yield _Examined(finding, scan.platform, always, None if always else exclusion)


def _count(rule: PolicyRule, groups: Sequence[_Group]) -> _Counted:
    """Returns a rule's result over one platform or over all, and every finding that it counts."""
    by_platform = [[one for one in group.findings if _counts(rule, one)] for group in groups]
    distinct = _distinct(by_platform) if rule.total else by_platform[0]
    unlisted = sum(
        number
        for group in groups
        for severity, number in group.unlisted.items()
        if rule.counts_unlisted(severity)
    )
    result = RuleResult(
        rule.name,
        "" if rule.total else groups[0].platform,
        rule.allowed,
        len(distinct) + unlisted,
        tuple(one.finding for one in distinct),
        rule.total,
        rule.subject,
        rule.always,
    )
    return result, [one for members in by_platform for one in members]


def _counts(rule: PolicyRule, one: _Examined) -> bool:
    if one.exclusion is not None:
        return False
    return bool(one.always) if rule.always else rule.counts(one.finding)


def _distinct(by_platform: Sequence[Sequence[_Examined]]) -> Sequence[_Examined]:
    """Merges the same findings (vulnerability and packages) of several platforms into one.

    Where a platform has the same finding twice, both count: the platform that has it most often is taken,
    of equal ones that with the worst severity, then by name.
    """
    most: dict[tuple[str, frozenset[str]], list[_Examined]] = {}
    for members in by_platform:
        here: defaultdict[tuple[str, frozenset[str]], list[_Examined]] = defaultdict(list)
        for one in members:
            names = frozenset(package.name for package in packages_of(one.finding))
            here[one.finding.id, names].append(one)
        for key, found in here.items():
            if key not in most or _standing(found) > _standing(most[key]):
                most[key] = found
    return [one for found in most.values() for one in found]


def _standing(found: Sequence[_Examined]) -> tuple[int, Severity, str]:
    return len(found), max(one.finding.severity for one in found), found[0].platform


def _treat(groups: Sequence[_Group], counted: Sequence[_Counted]) -> Iterable[JudgedFinding]:
    decided: dict[_Examined, RuleResult] = {}
    for result, members in counted:
        for one in members:
            if one not in decided or (decided[one].passed and not result.passed):
                decided[one] = result
    for group in groups:
        for one in group.findings:
            treatment, by = _treatment(one, decided.get(one))
            yield JudgedFinding(one.finding, one.platform, treatment, by)


def _treatment(one: _Examined, result: RuleResult | None) -> tuple[Treatment, str]:
    if one.exclusion is not None:
        return one.exclusion
    if one.always:
        return Treatment.REFUSES, one.always
    if result is None:
        return Treatment.BELOW, f"no rule counts this {one.finding.severity} finding"
    if result.passed:
        return Treatment.COUNTED, f"{result.rule}: {result.counted} found"
    return Treatment.REFUSES, result.rule


# ------------------------------------------------------------------------- warnings and errors


def _notices(policy: Policy, *, accepted: bool, unjudged: bool) -> Iterable[str]:
    if policy.observe:
        refused = "it refuses the image, which " + ("lacks a scan" if unjudged else "is not stopped")
        yield f"observe: the policy is only observed; {'it accepts the image' if accepted else refused}"
    if not has_threshold(policy):
        yield NO_THRESHOLD


def _unjudged(report: ScanReport, policy: Policy) -> Iterable[str]:
    if not report.platforms:
        yield "nothing was scanned"
    if policy.unscannable == "refuse":
        yield from _unscanned(report)


def _unscanned(report: ScanReport) -> Iterable[str]:
    for one in report.unscannable:
        yield f"{one.platform or one.digest.short} was not scanned: {one.unscannable}"


def _strict(exceptions: Sequence[ExceptionResult], policy: Policy) -> Iterable[str]:
    for result in exceptions[: len(policy.exceptions)]:
        if result.state in policy.strict and not (result.central and not result.matched):
            yield f"strict-exceptions: {_state_text(result)}"


def _warnings(
    report: ScanReport,
    policy: Policy,
    exceptions: Sequence[ExceptionResult],
    baseline: Baseline | None,
    base: BaseImage | None,
) -> Iterable[str]:
    if policy.unscannable == "warn":
        yield from _unscanned(report)
    yield from baseline.warnings if baseline else ()
    yield from base.warnings if base else ()
    if policy.baseline and baseline is None:
        yield f"baseline: {policy.baseline} was not read, so every finding counts as new"
    if policy.layers != "all" and base is None:
        yield f"layers: {policy.layers} needs the base image (--base-image): every finding is evaluated"
    if report.mode == "basic":
        if policy.fixable_only:
            yield (
                "fixable-only: basic scanning does not report which findings have a fix: every finding is "
                "evaluated"
            )
        if policy.unscored == "refuse" and (policy.exploited == "refuse" or policy.max_epss is not None):
            yield (
                "exploited, max-epss: basic scanning reports neither exploits nor EPSS, so every finding "
                "breaks these rules; 'unscored: ignore' turns that off"
            )
    for one, result in zip(policy.exceptions, exceptions, strict=False):
        # A central policy's exceptions are for many images.
        if result.state != "used" and not (result.central and not result.matched):
            yield _state_text(result)
        if missing := one.gaps:
            yield f"exception {result.text} ({result.where}) has no {' and no '.join(missing)}"


def _state_text(result: ExceptionResult) -> str:
    said = {
        "expired": f"ended on {result.until} and no longer applies",
        "unused": "matches no finding of this image",
        "outgrown": "no longer applies: it is until-fixed, and a fix is available",
        "used": "",
    }[result.state]
    return f"exception {result.text} ({result.where}) {said}"
