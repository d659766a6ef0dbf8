"""Outcome -> GitHub's Markdown, for a job summary and for a comment on a pull request. Pure.

Both have a size limit, and GitHub shows nothing of a longer text. So the most important parts come first,
each uses the space that it needs, and what does not fit is only counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import JudgedFinding, Treatment, Verdict
from ecr_push.report import advice, verification
from ecr_push.report.destinations_text import state
from ecr_push.report.escape import code, fenced, link, one_line, prose
from ecr_push.report.tests_text import last_lines
from ecr_push.scan.wait import found_text

# Bytes. A job summary: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
# A comment holds 65,536 characters, of which none is less than a byte.
SUMMARY_LIMIT = 1024 * 1024
COMMENT_LIMIT = 65_536
SHOWN_ROWS = 100  # of one table; the result document has the rest
_LONGEST_WHY = 10_000  # characters
ICONS: Mapping[str, str] = {
    "accepted": "✅", "verified": "✅", "deployed": "🚀", "observed": "⚠️", "built": "📦",
    "planned": "📋", "checked": "📋",
    "refused": "❌", "test-failed": "❌", "failed": "❌", "not-verified": "❌",
    "no-answer": "❔", "interrupted": "⏹️",
}  # fmt: skip
_LEFT_OUT = (Treatment.EXCEPTED, Treatment.NOT_AFFECTED, Treatment.KNOWN, Treatment.OUT_OF_SCOPE)


@dataclass(frozen=True)
class _Part:
    """A part that can be cut between two rows.

    noun:  what the rows are, for the line that counts what was cut.
    total: how many there are, if rows are only the first of them.
    """

    head: Sequence[str]
    rows: Sequence[str]
    noun: str
    total: int = 0
    foot: Sequence[str] = ()


def render(outcome: Outcome, limit: int = SUMMARY_LIMIT) -> str:
    """Returns the report in at most limit bytes; a thousand are enough for the verdict."""
    top = [_headline(outcome)]
    parts = [one for one in _parts(outcome) if one.rows]
    return "\n".join([*top, *_fill(parts, limit - _size(top), advice.all_findings(outcome))]) + "\n"


def render_comment(outcome: Outcome) -> str:
    """Returns the report as a comment on a pull request or an issue."""
    return render(outcome, COMMENT_LIMIT)


def _fill(parts: Sequence[_Part], room: int, rest: str) -> Iterable[str]:
    """Yields the parts, each with as many rows as fit; earlier parts get the space first.

    rest: where everything is, in words.
    """
    for part in parts:
        more = f"… and {{}} more {part.noun}: {prose(rest)}."
        frame = ["", *part.head, *part.foot, "", more.format(10**9)]
        left = room - _size(frame)
        rows: list[str] = []
        for row in part.rows[:SHOWN_ROWS]:
            left -= _size([row])
            if left < 0:
                break
            rows.append(row)
        cut = max(part.total, len(part.rows)) - len(rows)
        lines = ["", *part.head, *rows, *part.foot] if rows else []
        if cut:
            lines += ["", more.format(f"{cut:,}")]
        if (size := _size(lines)) > room:
            return
        yield from lines
        room -= size


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode("utf-8", "replace")) + 1 for line in lines)


def _headline(outcome: Outcome) -> str:
    name, _, version = advice.subject(outcome).partition(" ")
    subject = f"{code(name)} {prose(version)}".rstrip() if name else "the image"
    word = outcome.status.replace("-", " ").capitalize()
    phase = f", in phase {code(outcome.failure.phase)}" if outcome.failure else ""
    return f"## {ICONS[outcome.status]} {word}: {subject}{phase}"


def _notes(outcome: Outcome) -> Iterable[str]:
    if outcome.in_sandbox:
        yield "*The registry was a sandbox on one machine, not AWS.*"
    if outcome.checked:
        yield f"**{prose(outcome.checked)}**"
    yield from (f"**{prose(one)}**" for one in (outcome.verdict.notices if outcome.verdict else ()))


def _facts(outcome: Outcome) -> Iterable[tuple[str, str]]:
    """Yields what the run found out, each with its name."""
    if outcome.local:
        yield "on one machine", code(str(outcome.local), 600)
    if outcome.pushed:
        yield "image", code(outcome.pushed.reference, 600)
        if about := advice.size_and_platform(outcome):
            yield "size and platform", prose(about)
    if outcome.superseded:
        yield "superseded", f"{code(outcome.superseded.kept_as, 600)}: {advice.SUPERSEDED}"
    if plan := outcome.plan:
        branch = f" on {code(plan.source.branch)}" if plan.source.branch else ""
        yield "commit", f"{code(plan.source.short)}{branch}"
        yield "version", f"{code(plan.version.text)}: {prose(plan.version.why)}"
    if read := advice.what_was_read(outcome):
        yield "read", prose(read)
    if outcome.rollback and outcome.rollback.before != outcome.rollback.after:
        yield "rollback", code(str(outcome.rollback))
    for platform in outcome.scan.platforms[:50] if outcome.scan else ():
        name = f"{code(platform.platform)}: " if platform.platform else ""
        summary = f"{outcome.scan.mode}, {platform.status}: {found_text(platform)}" if outcome.scan else ""
        yield "scan", f"{name}{prose(summary)}"
    for other in outcome.scan.others[:50] if outcome.scan else ():
        yield "scan", f"{code(other.file)}: {prose(str(other))}"
    if outcome.verdict and outcome.verdict.baseline:
        yield "baseline", code(outcome.verdict.baseline)
    for check in outcome.verification.checks if outcome.verification else ():
        yield check.what, prose(verification.words(check))
    if outcome.deployment:
        from ecr_push.report.deployment import facts

        yield from ((name, prose(fact)) for name, fact in facts(outcome.deployment))
    if outcome.statement:
        signed = ", signed" if outcome.statement_signed else ""
        yield "statement", f"{code(outcome.statement, 600)}{signed}"
    yield from (("SBOM", code(one, 600)) for one in outcome.sboms[:50])
    if outcome.signed:
        yield "signature", code(outcome.signed)
    if moved := [one.tag.name for one in outcome.promoted if one.result in ("moved", "already")]:
        yield "tags", ", ".join(code(name) for name in moved[:50])
    elif outcome.may_have_moved:
        yield "tags", "some may have moved, all to this image"
    if left := advice.left_tags(outcome):
        yield "left", ", ".join(code(name) for name in left[:50])
    for one in outcome.destinations[:50]:
        yield "to", f"{code(one.name)}: {prose(state(one))}"
    for copy in outcome.replicas[:50]:
        yield "replica", f"{code(copy.name, 600)}: {prose(copy.words)}"
    for kept in [one for one in outcome.promoted if one.result == "kept"][:20]:
        yield "not moved", f"{code(kept.tag.name)}: {prose(kept.reason)}"
    yield from _about_the_run(outcome)


def _about_the_run(outcome: Outcome) -> Iterable[tuple[str, str]]:
    run = outcome.run
    if outcome.seconds:
        longest = sorted(outcome.seconds.items(), key=lambda item: -item[1])[:3]
        phases = ", ".join(f"{phase} {spent:.1f} s" for phase, spent in longest)
        yield "took", f"{sum(outcome.seconds.values()):.1f} s, most of it {prose(phases)}"
    if run.actor or run.url:
        whose = f"started by {code(run.actor)}" if run.actor else ""
        yield "run", ", ".join(filter(None, (link("this run", run.url) if run.url else "", whose)))
    if run.reports:
        yield "reports", ", ".join(code(path) for _, path in run.reports[:20])


def _parts(outcome: Outcome) -> Iterable[_Part]:
    yield _Part([], [line for one in _notes(outcome) for line in ("", one)][1:], "notes")
    if outcome.failure:
        yield _failure(outcome)
    if outcome.verdict:
        yield _rules(outcome.verdict)
        yield _Part(
            ["**Errors**", ""], [f"- error: {prose(one)}" for one in outcome.verdict.errors], "errors"
        )
    yield from _tests(outcome)
    if not advice.went_well(outcome):
        from ecr_push.report.markdown_steps import reasons, steps  # most runs end well

        yield from (_Part(*one) for one in (*reasons(outcome, SHOWN_ROWS), *steps(outcome)))
    yield _Part([], [f"- **{name}**: {text}" for name, text in _facts(outcome)], "facts")
    if outcome.verdict:
        yield from _judgement(outcome, outcome.verdict)
    yield _Part(
        [f"**Build checks** of {code(outcome.run.dockerfile or 'the Dockerfile')}", ""],
        [
            f"- line {one.line or '?'}: {link(code(one.rule), one.url)}: {prose(one.text)}"
            for one in outcome.build_checks
        ],
        "build checks",
    )


def _tests(outcome: Outcome) -> Iterable[_Part]:
    yield _Part(
        ["| test of the image | result | took |", "|---|---|---:|"],
        [
            f"| {code(str(one.test))} | {f'**{one.ending}**' if one.failed else one.ending}"
            f"{f': {prose(one.why)}' if one.why else ''} | {one.seconds:.1f} s |"
            for one in sorted(outcome.tests, key=lambda one: not one.failed)
        ],
        "tests",
    )
    for one in outcome.failed_tests:
        if said := last_lines(one):
            yield _Part([f"The last lines of {code(str(one.test))}:", ""], [fenced(said)], "lines")


def _rules(verdict: Verdict) -> _Part:
    several = any(rule.platform or rule.total for rule in verdict.rules)
    on = " on |" if several else ""
    rows = []
    for rule in sorted(verdict.rules, key=lambda rule: rule.passed):
        where = (code(rule.platform) if rule.platform else "all") if several else ""
        cells = [prose(rule.rule), *([where] if several else []), str(rule.counted), str(rule.allowed)]
        rows.append(f"| {' | '.join(cells)} | {'kept' if rule.passed else '**broken**'} |")
    head = [f"| rule |{on} found | allowed | result |", f"|---|{'---|' if several else ''}---:|---:|---|"]
    return _Part(head, rows, "rules")


def _judgement(outcome: Outcome, verdict: Verdict) -> Iterable[_Part]:
    yield _Part(["**Warnings**", ""], [f"- warning: {prose(one)}" for one in verdict.warnings], "warnings")
    yield _Part(
        ["**Exceptions**", ""], [f"- exception: {prose(one)}" for one in advice.care(outcome)], "exceptions"
    )
    for reason in _LEFT_OUT:
        yield _left_out(reason, [one for one in verdict.judged if one.treatment is reason])


def _failure(outcome: Outcome) -> _Part:
    failure = outcome.failure
    if failure is None:
        return _Part([], [], "")
    lines = [f"**What failed**: {prose(failure.what, 1000)}"]
    if failure.why:
        # A builder's last lines name the error.
        lines.append("\n" + fenced(failure.why[-_LONGEST_WHY:]))
    return _Part([], lines, "details")


def _left_out(reason: Treatment, judged: Sequence[JudgedFinding]) -> _Part:
    """Returns the findings that did not count, in a collapsed section."""
    return _Part(
        [
            f"<details><summary>{len(judged)} {one_line(reason.value)}</summary>",
            "",
            "| severity | finding | package | because |",
            "|---|---|---|---|",
        ],
        [
            f"| {one.finding.severity} | {link(code(one.finding.id), one.finding.uri)} "
            f"| {code(f'{one.finding.package} {one.finding.version}'.strip())} | {prose(one.by)} |"
            for one in judged[:SHOWN_ROWS]
        ],
        reason.value,
        len(judged),
        ["", "</details>"],
    )
