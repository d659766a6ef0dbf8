"""Outcome -> GitHub's Markdown, for a job summary and for a comment on a pull request. Pure.

Both have a size limit, and GitHub shows nothing of a longer text. So the most important parts come first,
each uses the space that it needs, and what does not fit is only counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.pipeline.outcome import RELEASABLE, UNJUDGED, Outcome
from ecr_push.policy.verdict import JudgedFinding, Treatment, Verdict
from ecr_push.report import advice, verification
from ecr_push.report.destinations_text import state
from ecr_push.report.escape import code, fenced, link, one_line, prose
from ecr_push.report.tests_text import last_lines
from ecr_push.scan.findings import Finding
from ecr_push.scan.wait import found_text

# Bytes. A job summary: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
# A comment holds 65,536 characters, of which none is less than a byte.
SUMMARY_LIMIT = 1024 * 1024
COMMENT_LIMIT = 65_536
SHOWN_ROWS = 100  # of one table; the result document has the rest
SHOWN_UPDATES = 20
_LONGEST_WHY = 10_000  # characters
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
    foot: Sequence[str] = ()
    total: int = 0


def render(outcome: Outcome, limit: int = SUMMARY_LIMIT) -> str:
    """Returns the report in at most limit bytes; a thousand are enough for the verdict."""
    top = [_headline(outcome)]
    parts = [one for one in (_facts(outcome), *_parts(outcome)) if one.rows]
    return "\n".join([*top, *_fill(parts, limit - _size(top))]) + "\n"


def render_comment(outcome: Outcome) -> str:
    """Returns the report as a comment on a pull request or an issue."""
    return render(outcome, COMMENT_LIMIT)


def _fill(parts: Sequence[_Part], room: int) -> Iterable[str]:
    """Yields the parts, each with as many rows as fit; earlier parts get the space first."""
    for part in parts:
        more = f"… and {{}} more {part.noun}: see the result document."
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
    subject = code(outcome.repository.name) if outcome.repository else "the image"
    word = outcome.status.replace("-", " ").capitalize()
    phase = f", in phase {code(outcome.failure.phase)}" if outcome.failure else ""
    return f"## {word}: {subject}{phase}"


def _facts(outcome: Outcome) -> _Part:
    note = ["*The registry was a sandbox on one machine, not AWS.*", ""] if outcome.in_sandbox else []
    note += [f"**{prose(outcome.checked)}**", ""] if outcome.checked else []
    notices = outcome.verdict.notices if outcome.verdict else ()
    note += [line for one in notices for line in (f"**{prose(one)}**", "")]
    return _Part([*note, "| | |", "|---|---|"], list(_fact_rows(outcome)), "facts")


def _fact_rows(outcome: Outcome) -> Iterable[str]:
    if outcome.local:
        yield f"| on one machine | {code(str(outcome.local), 600)} |"
    if outcome.pushed:
        yield f"| image | {code(outcome.pushed.reference, 600)} |"
    if plan := outcome.plan:
        branch = f" on {code(plan.source.branch)}" if plan.source.branch else ""
        yield f"| commit | {code(plan.source.short)}{branch} |"
        yield f"| version | {code(plan.version.text)}: {prose(plan.version.why)} |"
    if outcome.rollback and outcome.rollback.before != outcome.rollback.after:
        yield f"| rollback | {code(str(outcome.rollback))} |"
    for platform in outcome.scan.platforms[:50] if outcome.scan else ():
        name = f"{code(platform.platform)}: " if platform.platform else ""
        summary = f"{outcome.scan.mode}, {platform.status}: {found_text(platform)}" if outcome.scan else ""
        yield f"| scan | {name}{prose(summary)} |"
    for other in outcome.scan.others[:50] if outcome.scan else ():
        yield f"| scan | {code(other.file)}: {prose(str(other))} |"
    if outcome.verdict and outcome.verdict.baseline:
        yield f"| baseline | {code(outcome.verdict.baseline)} |"
    for check in outcome.verification.checks if outcome.verification else ():
        yield f"| {check.what} | {prose(verification.words(check))} |"
    if outcome.statement:
        signed = ", signed" if outcome.statement_signed else ""
        yield f"| statement | {code(outcome.statement, 600)}{signed} |"
    yield from (f"| SBOM | {code(one, 600)} |" for one in outcome.sboms[:50])
    if outcome.signed:
        yield f"| signature | {code(outcome.signed)} |"
    if moved := [one.tag.name for one in outcome.promoted if one.result in ("moved", "already")]:
        yield f"| tags | {', '.join(code(name) for name in moved[:50])} |"
    elif outcome.may_have_moved:
        yield "| tags | some may have moved, all to this image |"
    elif outcome.status not in (*UNJUDGED, *RELEASABLE):
        yield "| tags | no release tag was moved |"
    for one in outcome.destinations[:50]:
        yield f"| to | {code(one.name)}: {prose(state(one))} |"
    for copy in outcome.replicas[:50]:
        yield f"| replica | {code(copy.name, 600)}: {prose(copy.words)} |"
    if candidate := advice.kept_candidate(outcome):
        yield f"| to inspect | {code(candidate, 600)} |"
    for kept in [one for one in outcome.promoted if one.result == "kept"][:20]:
        yield f"| not moved | {code(kept.tag.name)}: {prose(kept.reason)} |"
    if outcome.run.actor or outcome.run.url:
        yield f"| run | {link(code(outcome.run.actor or 'run'), outcome.run.url)} |"


def _parts(outcome: Outcome) -> Iterable[_Part]:
    if outcome.failure:
        yield _failure(outcome)
    yield from _tests(outcome)
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
        ["| test of the image | | took |", "|---|---|---:|"],
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


def _judgement(outcome: Outcome, verdict: Verdict) -> Iterable[_Part]:
    rules = sorted(verdict.rules, key=lambda rule: rule.passed)
    yield _Part(
        ["| rule | on | found | allowed | |", "|---|---|---:|---:|---|"],
        [
            f"| {prose(rule.rule)} | {code(rule.platform) if rule.platform else 'all' if rule.total else ''} "
            f"| {rule.counted} | {rule.allowed} | {'kept' if rule.passed else '**broken**'} |"
            for rule in rules
        ],
        "rules",
    )
    yield _Part(["**Errors**", ""], [f"- error: {prose(one)}" for one in verdict.errors], "errors")
    yield from _deciding(outcome)
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
    if failure.remedy:
        lines.append(f"\n**To do**: {prose(failure.remedy, 1000)}")
    if failure.why:
        # A builder's last lines name the error.
        lines.append("\n" + fenced(failure.why[-_LONGEST_WHY:]))
    return _Part([], lines, "details")


def _deciding(outcome: Outcome) -> Iterable[_Part]:
    if outcome.verdict is None:
        return
    deciding = advice.to_fix(outcome.verdict)
    updates = advice.updates(one.finding for one in deciding)
    yield _Part(
        ["### What to update, most effective first", ""],
        [
            f"- {code(one.package)} to {code(one.to)}: fixes {advice.severities(one.fixes)}"
            for one in updates[:SHOWN_UPDATES]
        ],
        "updates",
        total=len(updates),
    )
    several = any(advice.on(one, outcome) for one in deciding)
    yield _Part(
        [
            "### What to fix first",
            "",
            f"| severity | finding | package | fixed in | about |{' on |' if several else ''}",
            f"|---|---|---|---|---|{'---|' if several else ''}",
        ],
        [
            f"| {_row(one.finding)} |" + (f" {prose(advice.on(one, outcome) or 'all')} |" if several else "")
            for one in deciding[:SHOWN_ROWS]
        ],
        "findings",
        total=len(deciding),
    )


def _row(finding: Finding) -> str:
    about = [prose(finding.title, 120)] if finding.title else []
    about += ["**exploit known**"] if finding.exploited else []
    about += [f"EPSS {finding.epss:.1%}"] if finding.epss is not None else []
    return " | ".join(
        (
            str(finding.severity) + (f" {finding.score:g}" if finding.score is not None else ""),
            link(code(finding.id), finding.uri),
            code(f"{finding.package} {finding.version}".strip()),
            code(finding.fixed_in) if finding.fixed_in else "",
            ", ".join(about),
        )
    )


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
        ["", "</details>"],
        len(judged),
    )
