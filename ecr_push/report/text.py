"""Outcome -> the report in a log: the result, the reasons, what to do, and then the facts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecr_push.base.log import Paint, as_it_is, visible
from ecr_push.base.option import duration_text
from ecr_push.pipeline.destination_result import DestinationResult
from ecr_push.pipeline.image_test import ImageTestResult
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import Preflight
from ecr_push.policy.thresholds import NO_THRESHOLD, has_threshold, make_rules
from ecr_push.release.mutability import frozen, undecided_text
from ecr_push.report import advice, verification
from ecr_push.report.destinations_text import planned, state
from ecr_push.report.escape import Line, text_of
from ecr_push.report.tests_text import summary
from ecr_push.scan.wait import found_text
from ecr_push.signing.model import Signature
from ecr_push.tags.kinds import ReleaseTag

_TONES = {**dict.fromkeys(("accepted", "built", "verified", "deployed"), "good"), "observed": "unsure"}
_TONES |= dict.fromkeys(("no-answer", "interrupted"), "unsure") | dict.fromkeys(
    ("planned", "checked"), "muted"
)


def render(outcome: Outcome, *, width: int = 0, paint: Paint = as_it_is) -> str:
    """Returns the report. width: columns of the terminal; 0 does not cut lines. paint: see `painted`."""
    lines: list[Line] = [_headline(outcome)]
    if not advice.went_well(outcome):
        from ecr_push.report.text_steps import reasons_and_steps  # most runs end well

        lines += reasons_and_steps(outcome, width)
    return text_of([*lines, *_facts(outcome)], paint)


def _headline(outcome: Outcome) -> Line:
    subject = advice.subject(outcome)
    if outcome.failure:
        subject = f"{subject} in phase {outcome.failure.phase}: {outcome.failure.what}".lstrip()
    elif outcome.checked:
        subject = outcome.checked
    elif outcome.local:
        subject = f"{outcome.local}; not pushed, scanned or judged"
    note = "  (sandbox: an ECR on this machine, not AWS)" if outcome.in_sandbox else ""
    return (outcome.status.upper(), _TONES.get(outcome.status, "bad")), (f"  {subject}{note}", "")


def _facts(outcome: Outcome) -> Iterable[Line]:
    if outcome.pushed:
        yield f"  image      {outcome.pushed.reference}"
        if about := advice.size_and_platform(outcome):
            yield f"             {about}"
    if outcome.superseded:
        yield f"  superseded {outcome.superseded.kept_as}: {advice.SUPERSEDED}"
    if outcome.plan:
        yield f"  version    {outcome.plan.version.text}: {outcome.plan.version.why}"
    if read := advice.what_was_read(outcome):
        yield f"  read       {read}"
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
    for one in outcome.tests:
        yield ("  test       ", ""), (summary(one), "bad" if one.failed else "")
    if outcome.build_checks and not (outcome.failure and outcome.failure.phase == "check"):
        rules = ", ".join(sorted({one.rule for one in outcome.build_checks}))
        yield f"  checks     {len(outcome.build_checks)} in the Dockerfile: {rules}"
    for word, results in (("tags", ("moved", "already")), ("would move", ("planned",))):
        if names := [one.tag.name for one in outcome.promoted if one.result in results]:
            yield f"  {word:<9}  {', '.join(names)}"
    if left := advice.left_tags(outcome):
        yield f"  left       {', '.join(left)}"
    if outcome.local and outcome.local.digest:
        yield f"  digest     {outcome.local.digest}"
    yield from (f"  to         {one.name}: {state(one)}" for one in outcome.destinations)
    yield from (f"  replica    {one.name}: {one.words}" for one in outcome.replicas)
    if outcome.is_part and outcome.pushed:
        yield f"  next       name it to the run that joins: --part {outcome.pushed.reference}"
    for check in outcome.verification.checks if outcome.verification else ():
        yield (f"  {check.what:<10} ", ""), (verification.words(check), "" if check.passed else "bad")
    if outcome.deployment:
        from ecr_push.report.deployment import facts

        yield from (f"  {name:<10} {fact}" for name, fact in facts(outcome.deployment))
    if outcome.statement:
        yield f"  statement  {outcome.statement}{', signed' if outcome.statement_signed else ''}"
    yield from (f"  sbom       {one}" for one in outcome.sboms)
    if outcome.signed:
        yield f"  signature  {outcome.signed}"
    if outcome.git_tag:
        yield f"  git tag    {outcome.git_tag.name} ({outcome.git_tag.result})"
    for tag in outcome.promoted:
        if tag.result == "kept":
            yield f"  not moved  {tag.tag}: {tag.reason}"


def _judgement(outcome: Outcome) -> Iterable[Line]:
    verdict = outcome.verdict
    if verdict is None:
        return
    for rule in verdict.rules:
        where = f" on {rule.platform}" if rule.platform else ""
        word = ("kept", "good") if rule.passed else ("broken", "bad")
        yield ("  rule       ", ""), word, (f": {rule.text}{where}", "")
    if verdict.baseline:
        yield f"  baseline   {verdict.baseline}"
    if left_out := advice.left_out(verdict):
        yield "  excluded   " + "; ".join(f"{reason}: {counts}" for reason, counts in left_out)
    for care in advice.care(outcome):
        yield ("  exception  ", "warning"), (care, "")
    for warning in verdict.warnings:
        yield ("  warning    ", "warning"), (warning, "")
    for error in verdict.errors:
        yield ("  error      ", "bad"), (error, "")


def plan_text(
    plan: Plan,
    preflight: Preflight | None,
    unasked: str = "",
    *,
    locked: bool = False,
    tests: Sequence[ImageTestResult] = (),
    signature: Signature | None = None,
    destinations: Sequence[DestinationResult] = (),
    builder: str = "",
) -> str:
    """Returns what `ecr-push plan` prints: what a run would do now.

    unasked: why the registry was not asked, so that there is no preflight.
    locked:  whether promotions take turns.
    tests:   of the image, which would run.
    signature: of the image, if it is accepted.
    destinations: the other repositories that would get it.
    builder: what would build it; "" where nothing is built.
    """
    name = str(preflight.repository) if preflight else plan.target.name or "unnamed"
    lines = [
        f"version     {plan.version.text}: {plan.version.why}",
        f"commit      {plan.source.commit}" + (f" on {plan.source.branch}" if plan.source.branch else ""),
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
    if builder:
        lines.append(f"builder     {builder}")
    if plan.build.cache.is_used and not (preflight and preflight.reuse):
        lines.append(f"cache       {plan.build.cache}")
    if plan.build.attestations and not (preflight and preflight.reuse):
        lines.append(f"attest      {plan.build.attestations}")
    lines += [f"test        {one.test}" for one in tests]
    lines.append(f"accept      {_policy(plan)}")
    if plan.policy.sources:
        lines.append(f"            policy from {', '.join(plan.policy.sources)}")
    if signature:
        lines.append(f"sign        by {signature.by} {signature.whose}")
    lines += [f"tag         {tag}{_now(tag, preflight)}" for tag in _tags(plan, preflight)]
    if plan.version.new_git_tag:
        lines.append(f"git tag     {plan.version.new_git_tag}, created and pushed after the release")
    lines += [f"also to     {planned(one)}" for one in destinations]
    return "\n".join(visible(line) for line in lines) + "\n"


def _tags(plan: Plan, preflight: Preflight | None) -> Sequence[ReleaseTag]:
    """The tags as the registry's answers leave them: another build of a commit has one of its own."""
    return preflight.moves.tags if preflight else plan.tags


def _now(tag: ReleaseTag, preflight: Preflight | None) -> str:
    """Where a tag points, in brackets."""
    if preflight is None:
        return ""
    now = preflight.points_to.get(tag.tag)
    if now is None:
        return " (new)"
    stays = tag.kept_by == now
    return f" (stays at {now.short}, another build of this commit)" if stays else f" (now {now.short})"


def _policy(plan: Plan) -> str:
    parts = [rule.name for rule in make_rules(plan.policy)] or ["any finding"]
    parts += [] if has_threshold(plan.policy) else [NO_THRESHOLD]
    parts += ["only observed: what this refuses is released all the same"] if plan.policy.observe else []
    parts += [f"new since {plan.policy.baseline}"] if plan.policy.baseline else []
    parts += [f"in {', '.join(plan.scan.others)} too"] if plan.scan.others else []
    return ", ".join(parts) + f", scanned within {duration_text(plan.scan.timeout)}"
