"""The report for people who read a log: first the answer, then what decided on it, then what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecr_push.findings import Finding
from ecr_push.narration import visible
from ecr_push.outcome import Outcome
from ecr_push.plan import Plan
from ecr_push.preflight import Preflight
from ecr_push.repository import frozen
from ecr_push.scan import counts_text

SHOWN_FINDINGS = 20
_HEADLINES = {
    "accepted": "ACCEPTED",
    "refused": "REFUSED",
    "failed": "FAILED",
    "interrupted": "INTERRUPTED",
    "planned": "PLANNED",
}


def render(outcome: Outcome) -> str:
    """The whole report, with a line break at its end."""
    lines = [_headline(outcome), *_facts(outcome)]
    if outcome.failure:
        lines += ["", *_failure(outcome)]
    elif outcome.status == "refused":
        lines += ["", *_refusal(outcome)]
    return "\n".join(visible(line) for line in lines) + "\n"


def _headline(outcome: Outcome) -> str:
    subject = outcome.pushed.reference if outcome.pushed else ""
    if outcome.failure:
        subject = f"in phase {outcome.failure.phase}: {outcome.failure.what}"
    note = "  (sandbox: an ECR on this machine, not AWS)" if outcome.in_sandbox else ""
    return f"{_HEADLINES[outcome.status]}  {subject}{note}"


def _facts(outcome: Outcome) -> Iterable[str]:
    if outcome.plan:
        yield f"  version    {outcome.plan.version.text}: {outcome.plan.version.why}"
    if outcome.created_repository:
        yield f"  created    {outcome.created_repository}"
    if outcome.scan:
        for platform in outcome.scan.platforms:
            name = f"{platform.platform}: " if platform.platform else ""
            yield f"  scan       {name}{outcome.scan.mode}, {platform.status}: {counts_text(platform.counts)}"
            if platform.note:
                yield f"             {platform.note}"
    if outcome.verdict:
        for rule in outcome.verdict.rules:
            where = f" on {rule.platform}" if rule.platform else ""
            kept = "kept" if rule.passed else "BROKEN"
            yield f"  rule       {kept}: {rule.rule}, {rule.counted} found{where}"
        for warning in outcome.verdict.warnings:
            yield f"  warning    {warning}"
    for word, results in (("tags", ("moved", "already")), ("would move", ("planned",))):
        if names := [one.tag.name for one in outcome.promoted if one.result in results]:
            yield f"  {word:<9}  {', '.join(names)}"
    for one in outcome.promoted:
        if one.result == "kept":
            yield f"  not moved  {one.tag}: {one.reason}"


def _refusal(outcome: Outcome) -> Iterable[str]:
    if outcome.verdict is None:
        return
    deciding = outcome.verdict.deciding
    yield from findings_table(deciding)
    counted = sum(rule.counted for rule in outcome.verdict.broken)
    if not deciding and counted:
        yield f"ECR counts {counted} findings, but does not list them."
    yield ""
    yield from _to_do(deciding)
    yield "No release tag was moved." + _candidate(outcome)


def _to_do(deciding: Sequence[Finding]) -> Iterable[str]:
    updates = dict.fromkeys(f"{one.package} to {one.fixed_in}" for one in deciding if one.fixed_in)
    if updates:
        yield f"To do: update {', '.join(updates)}."
    elif deciding:
        # Basic scanning never says where a vulnerability is fixed.
        packages = ", ".join(dict.fromkeys(one.package for one in deciding if one.package))
        about = f"; about the first: {deciding[0].uri}" if deciding[0].uri else ""
        yield f"To do: update or remove {packages or 'what has it'}; the scan names no fixed version{about}"


def _candidate(outcome: Outcome) -> str:
    if outcome.plan is None or outcome.pushed is None or not outcome.candidate_kept or outcome.sandbox:
        return ""
    return f" For inspection the image stays at {outcome.pushed.repository.tagged(outcome.plan.candidate)}"


def findings_table(findings: Sequence[Finding]) -> Iterable[str]:
    """A table, worst first, cut where it would no longer be read."""
    if not findings:
        return
    rows = [("SEVERITY", "FINDING", "PACKAGE", "FIXED IN")] + [
        (str(one.severity), one.id, f"{one.package} {one.version}".strip() or "-", one.fixed_in or "-")
        for one in findings[:SHOWN_FINDINGS]
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "  " + "  ".join(
            [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]
        )
    if len(findings) > SHOWN_FINDINGS:
        yield f"  … and {len(findings) - SHOWN_FINDINGS} more: see the result document"


def _failure(outcome: Outcome) -> Iterable[str]:
    failure = outcome.failure
    if failure is None:
        return
    if failure.why:
        yield from failure.why.splitlines()
    if failure.remedy:
        yield f"To do: {failure.remedy}."
    moved = [one.tag.name for one in outcome.promoted if one.result == "moved"]
    if moved or failure.phase == "promote":
        yield "Some release tags may have moved, all to the judged image; run again to complete them."
    else:
        yield "No release tag was moved." + _candidate(outcome)


def plan_text(plan: Plan, preflight: Preflight) -> str:
    """What `ecr-push plan` prints: what a run would do now."""
    repository = preflight.repository
    lines = [
        f"version     {plan.version.text}: {plan.version.why}",
        f"commit      {plan.source.commit}",
        f"repository  {repository}",
    ]
    if preflight.state is None:
        wanted = plan.wanted_repository
        lines.append(f"            to be created, {wanted.mutability}: {frozen(wanted)}")
    if preflight.reuse:
        lines.append(f"build       nothing: {preflight.reuse} was built from this commit")
    elif plan.build.image:
        lines.append(
            f"push        {plan.build.image} from the engine, as {repository.tagged(plan.candidate)}"
        )
    else:
        platforms = f" for {', '.join(plan.build.platforms)}" if plan.build.platforms else ""
        lines.append(
            f"build       {plan.build.dockerfile}{platforms}, as {repository.tagged(plan.candidate)}"
        )
    lines.append(f"accept      {_policy(plan)}")
    for tag in plan.tags:
        now = preflight.points_to.get(tag.tag)
        lines.append(f"tag         {tag}" + (f" (now {now.short})" if now else " (new)"))
    return "\n".join(visible(line) for line in lines) + "\n"


def duration_text(seconds: float) -> str:
    """`15m`, `90s`, as --scan-timeout takes it."""
    for unit, length in (("h", 3600), ("m", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s"


def _policy(plan: Plan) -> str:
    parts = [f"no finding of {plan.policy.fail_on.name} or worse"] if plan.policy.fail_on is not None else []
    parts += [
        f"at most {limit} of {severity}"
        for severity, limit in sorted(plan.policy.limits.items(), reverse=True)
    ]
    return ", ".join(parts) + f", scanned within {duration_text(plan.scan.timeout)}"
