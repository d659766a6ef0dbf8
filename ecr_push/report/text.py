"""Outcome -> the report in a log: first the result, then the reasons, then what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecr_push.base.log import visible
from ecr_push.pipeline.destination_result import DestinationResult
from ecr_push.pipeline.image_test import ImageTestResult
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import Preflight
from ecr_push.policy.thresholds import NO_THRESHOLD, has_threshold, make_rules
from ecr_push.release.mutability import frozen, undecided_text
from ecr_push.report import advice, verification
from ecr_push.report.advice import ToFix
from ecr_push.report.destinations_text import planned, state
from ecr_push.report.escape import log_line
from ecr_push.report.tests_text import summary
from ecr_push.scan.findings import Finding
from ecr_push.scan.wait import found_text
from ecr_push.signing.model import Signature

SHOWN_FINDINGS = 20
SHOWN_UPDATES = 5
SHOWN_LINES = 20  # of a failed test


def render(outcome: Outcome, *, width: int = 0) -> str:
    """Returns the report. width: columns of the terminal; 0 does not cut lines."""
    lines = [_headline(outcome), *_facts(outcome)]
    if outcome.failure:
        lines += ["", *_failure(outcome)]
    elif outcome.status in ("refused", "observed"):
        lines += ["", *_refusal(outcome, width)]
    elif outcome.failed_tests:
        lines += ["", *_not_moved(outcome)]
    for one in (one for one in outcome.failed_tests if one.output):
        lines += ["", f"The last lines of {one.test}:", *(f"  {line}" for line in one.output[-SHOWN_LINES:])]
    return "\n".join(log_line(line) for line in lines) + "\n"


def _headline(outcome: Outcome) -> str:
    subject = outcome.pushed.reference if outcome.pushed else ""
    if outcome.failure:
        subject = f"in phase {outcome.failure.phase}: {outcome.failure.what}"
    elif outcome.checked:
        subject = outcome.checked
    elif outcome.local:
        subject = f"{outcome.local}; not pushed, scanned or judged"
    note = "  (sandbox: an ECR on this machine, not AWS)" if outcome.in_sandbox else ""
    return f"{outcome.status.upper()}  {subject}{note}"


def _facts(outcome: Outcome) -> Iterable[str]:
    if outcome.plan:
        yield f"  version    {outcome.plan.version.text}: {outcome.plan.version.why}"
    if outcome.created_repository:
        yield f"  created    {outcome.created_repository}"
    if outcome.rollback and outcome.rollback.before != outcome.rollback.after:
        yield f"  rollback   {outcome.rollback}"
    if outcome.scan:
        for platform in outcome.scan.platforms:
            name = f"{platform.platform}: " if platform.platform else ""
            yield f"  scan       {name}{outcome.scan.mode}, {platform.status}: {found_text(platform)}"
            if platform.note:
                yield f"             {platform.note}"
        yield from (f"  scan       {one.file}: {one}" for one in outcome.scan.others)
    yield from _judgement(outcome)
    yield from (f"  test       {summary(one)}" for one in outcome.tests)
    if outcome.build_checks and not (outcome.failure and outcome.failure.phase == "check"):
        rules = ", ".join(sorted({one.rule for one in outcome.build_checks}))
        yield f"  checks     {len(outcome.build_checks)} in the Dockerfile: {rules}"
    for word, results in (("tags", ("moved", "already")), ("would move", ("planned",))):
        if names := [one.tag.name for one in outcome.promoted if one.result in results]:
            yield f"  {word:<9}  {', '.join(names)}"
    if outcome.local and outcome.local.digest:
        yield f"  digest     {outcome.local.digest}"
    yield from (f"  to         {one.name}: {state(one)}" for one in outcome.destinations)
    yield from (f"  replica    {one.name}: {one.words}" for one in outcome.replicas)
    if outcome.is_part and outcome.pushed:
        yield f"  next       name it to the run that joins: --part {outcome.pushed.reference}"
    for check in outcome.verification.checks if outcome.verification else ():
        yield f"  {check.what:<10} {verification.words(check)}"
    if outcome.statement:
        yield f"  statement  {outcome.statement}{', signed' if outcome.statement_signed else ''}"
    yield from (f"  sbom       {one}" for one in outcome.sboms)
    if outcome.signed:
        yield f"  signature  {outcome.signed}"
    if outcome.git_tag:
        yield f"  git tag    {outcome.git_tag.name} ({outcome.git_tag.result})"
    for one in outcome.promoted:
        if one.result == "kept":
            yield f"  not moved  {one.tag}: {one.reason}"


def _judgement(outcome: Outcome) -> Iterable[str]:
    verdict = outcome.verdict
    if verdict is None:
        return
    for rule in verdict.rules:
        where = f" on {rule.platform}" if rule.platform else ""
        yield f"  rule       {'kept' if rule.passed else 'broken'}: {rule.text}{where}"
    if verdict.baseline:
        yield f"  baseline   {verdict.baseline}"
    if left_out := advice.left_out(verdict):
        yield "  excluded   " + "; ".join(f"{reason}: {counts}" for reason, counts in left_out)
    for care in advice.care(outcome):
        yield f"  exception  {care}"
    for warning in verdict.warnings:
        yield f"  warning    {warning}"
    for error in verdict.errors:
        yield f"  error      {error}"


def _refusal(outcome: Outcome, width: int) -> Iterable[str]:
    if outcome.verdict is None:
        return
    deciding = advice.to_fix(outcome.verdict)
    yield from findings_table(deciding, outcome, width)
    counted = sum(rule.counted for rule in outcome.verdict.broken)
    if not deciding and counted:
        yield f"ECR counts {counted} findings, but does not list them."
    if deciding or counted:
        yield ""
    yield from _to_do([one.finding for one in deciding])
    if outcome.status == "observed":
        yield "The policy refuses this image. It was not stopped, because the policy is only observed."
    else:
        yield from _not_moved(outcome)


def _to_do(deciding: Sequence[Finding]) -> Iterable[str]:
    updates = advice.updates(deciding)
    if len(updates) == 1:
        yield f"To do: update {updates[0].package} to {updates[0].to}."
    elif updates:
        yield "To do, most effective first:"
        for one in updates[:SHOWN_UPDATES]:
            yield f"  update {one.package} to {one.to}: fixes {advice.severities(one.fixes)}"
        if more := updates[SHOWN_UPDATES:]:
            yield f"  … and {len(more)} more: " + ", ".join(f"{one.package} to {one.to}" for one in more[:10])
    elif deciding:
        # Basic scanning never reports in which version a vulnerability is fixed.
        packages = ", ".join(list(dict.fromkeys(one.package for one in deciding if one.package))[:20])
        about = f"; about the first: {deciding[0].uri}" if deciding[0].uri else ""
        yield f"To do: update or remove {packages or 'the package'}; the scan names no fixed version{about}"
    unfixed = sum(not one.fixed_in for one in deciding)
    if updates and unfixed:
        yield f"For {unfixed} of {len(deciding)} the scan names no fixed version."


def _not_moved(outcome: Outcome) -> Iterable[str]:
    kept = advice.kept_candidate(outcome)
    yield "No release tag was moved." + (f" To inspect the image: {kept}" if kept else "")
    if outcome.failure and (command := advice.promote_command(outcome)):
        options = "with the policy options of this run"  # which the command does not repeat
        yield f"To evaluate and release it without building it again, {options}: {command}"


def findings_table(findings: Sequence[ToFix], outcome: Outcome, width: int = 0) -> Iterable[str]:
    """Yields a table of the most urgent findings.

    The columns of exploits and platforms are included only if they have values.
    """
    if not findings:
        return
    shown = findings[:SHOWN_FINDINGS]
    columns = {
        "SEVERITY": [str(one.finding.severity) for one in shown],
        "FINDING": [one.finding.id for one in shown],
        "PACKAGE": [f"{one.finding.package} {one.finding.version}".strip() or "-" for one in shown],
        "FIXED IN": [one.finding.fixed_in or "-" for one in shown],
        "EXPLOIT": ["known" if one.finding.exploited else "" for one in shown],
        "ON": [advice.on(one, outcome) for one in shown],
    }
    table = {name: cells for name, cells in columns.items() if any(cells)}
    widths = _widths({name: max(map(len, (name, *cells))) for name, cells in table.items()}, width)
    for row in ([*table], *zip(*table.values(), strict=True)):
        cells = [_cut(cell, room).ljust(room) for cell, room in zip(row, widths, strict=True)]
        yield "  " + "  ".join(cells).rstrip()
    if len(findings) > SHOWN_FINDINGS:
        yield f"  … and {len(findings) - SHOWN_FINDINGS} more: see the result document"


def _widths(wanted: dict[str, int], width: int) -> list[int]:
    """Returns the columns' widths. On a narrow terminal long columns are cut, but never a finding's name."""
    over = sum(wanted.values()) + 2 * len(wanted) - width if width else 0
    for name, least in (("PACKAGE", 20), ("ON", 12), ("FIXED IN", 12)):
        given = max(0, min(over, wanted.get(name, 0) - least))
        wanted = {**wanted, name: wanted[name] - given} if given else wanted
        over -= given
    return list(wanted.values())


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def _failure(outcome: Outcome) -> Iterable[str]:
    failure = outcome.failure
    if failure is None:
        return
    if failure.why:
        yield from failure.why.splitlines()
    if failure.remedy:
        yield f"To do: {failure.remedy}."
    if not outcome.may_have_moved:
        yield from _not_moved(outcome)
    elif outcome.rollback is None:  # a rollback must not be repeated blindly
        yield "Some release tags may have moved, all to the accepted image; run again to complete them."


def plan_text(
    plan: Plan,
    preflight: Preflight | None,
    unasked: str = "",
    *,
    locked: bool = False,
    tests: Sequence[ImageTestResult] = (),
    signature: Signature | None = None,
    destinations: Sequence[DestinationResult] = (),
) -> str:
    """Returns what `ecr-push plan` prints: what a run would do now.

    unasked: why the registry was not asked, so that there is no preflight.
    locked:  whether promotions take turns.
    tests:   of the image, which would run.
    signature: of the image, if it is accepted.
    destinations: the other repositories that would get it.
    """
    name = str(preflight.repository) if preflight else plan.target.name or "unnamed"
    lines = [
        f"version     {plan.version.text}: {plan.version.why}",
        f"commit      {plan.source.commit}",
        f"repository  {name}",
    ]
    if preflight is None:
        lines.append(f"            {unasked}")
    elif preflight.state is None:
        wanted = plan.wanted_repository
        lines.append(f"            to be created, {wanted.mutability}: {frozen(wanted)}")
    elif not locked and (undecided := undecided_text(plan.tags, preflight.state)):
        lines.append(f"            {undecided}")
    if preflight and preflight.reuse:
        lines.append(f"build       nothing: {preflight.reuse} was built from this commit")
    elif plan.build.image:
        lines.append(f"push        {plan.build.image} from the engine, as {name}:{plan.candidate}")
    elif plan.build.parts:
        lines.append(f"join        {', '.join(plan.build.parts)}, as {name}:{plan.candidate}")
    else:
        platforms = f" for {', '.join(plan.build.platforms)}" if plan.build.platforms else ""
        of = f" of {plan.build.remote}" if plan.build.remote else ""
        lines.append(f"build       {plan.build.dockerfile}{of}{platforms}, as {name}:{plan.candidate}")
    if plan.build.cache.is_used and not (preflight and preflight.reuse):
        lines.append(f"cache       {plan.build.cache}")
    if plan.build.attestations and not (preflight and preflight.reuse):
        lines.append(f"attest      {plan.build.attestations}")
    lines += [f"test        {one.test}" for one in tests]
    lines.append(f"accept      {_policy(plan)}")
    if signature:
        lines.append(f"sign        by {signature.by} {signature.whose}")
    for tag in plan.tags:
        now = preflight.points_to.get(tag.tag) if preflight else None
        lines.append(f"tag         {tag}" + (f" (now {now.short})" if now else " (new)" if preflight else ""))
    lines += [f"also to     {planned(one)}" for one in destinations]
    return "\n".join(visible(line) for line in lines) + "\n"


def duration_text(seconds: float) -> str:
    """Returns `15m` or `90s`, in the form of --scan-timeout."""
    for unit, length in (("h", 3600), ("m", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s"


def _policy(plan: Plan) -> str:
    parts = [rule.name for rule in make_rules(plan.policy)] or ["any finding"]
    parts += [] if has_threshold(plan.policy) else [NO_THRESHOLD]
    parts += ["only observed: what this refuses is released all the same"] if plan.policy.observe else []
    parts += [f"new since {plan.policy.baseline}"] if plan.policy.baseline else []
    parts += [f"in {', '.join(plan.scan.others)} too"] if plan.scan.others else []
    return ", ".join(parts) + f", scanned within {duration_text(plan.scan.timeout)}"
