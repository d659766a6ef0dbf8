"""Outcome -> why a run was not released, and what to do about it, as lines of the text report. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecr_push.pipeline.outcome import Outcome
from ecr_push.report import advice, read_on
from ecr_push.report.advice import ToFix
from ecr_push.report.escape import Line
from ecr_push.report.next_steps import NextSteps, Release, next_steps

SHOWN_FINDINGS = 20
SHOWN_EXCEPTIONS = 5
SHOWN_LINES = 20  # of a failed test
_PLACES = 5


def reasons_and_steps(outcome: Outcome, width: int) -> Iterable[Line]:
    """Yields the blocks between the headline and the facts, each with an empty line around it."""
    for block in (_reasons(outcome, width), _tests(outcome), _steps(outcome)):
        if lines := list(block):
            yield from ("", *lines)
    yield ""


def plain_steps(outcome: Outcome) -> str:
    """Returns what to do, as the text report has it, for a format that has the reasons in its own way."""
    return "\n".join(
        one if isinstance(one, str) else "".join(text for text, _ in one) for one in _steps(outcome)
    )


def _reasons(outcome: Outcome, width: int) -> Iterable[Line]:
    if outcome.failure:
        yield from outcome.failure.why.splitlines()
    elif outcome.verdict and not outcome.verdict.accepted:
        deciding = advice.to_fix(outcome.verdict)
        yield from findings_table(deciding, outcome, width)
        yield from _places(deciding, outcome)
        counted = sum(rule.counted for rule in outcome.verdict.broken)
        if not deciding and counted:
            yield f"ECR counts {counted} findings, but does not list them."
        yield from outcome.verdict.errors


def _places(deciding: Sequence[ToFix], outcome: Outcome) -> Iterable[str]:
    """Where the packages are, as far as the scan says."""
    found = {
        f"{one.finding.package} {one.finding.version}".strip(): places
        for one in deciding
        if (places := advice.places(one.finding.packages, outcome))
    }
    if found:
        yield "  Where they are:"
    for name, places in list(found.items())[:_PLACES]:
        more = f", and {len(places) - 1} more" if len(places) > 1 else ""
        yield f"    {name}: {places[0]}{more}"
    if len(found) > _PLACES:
        yield f"    … and {len(found) - _PLACES} more: {advice.all_findings(outcome)}"


def _tests(outcome: Outcome) -> Iterable[Line]:
    for one in (one for one in outcome.failed_tests if one.output):
        yield f"The last lines of {one.test}:"
        yield from (f"  {line}" for line in one.output[-SHOWN_LINES:])


def _steps(outcome: Outcome) -> Iterable[Line]:
    steps = next_steps(outcome, SHOWN_EXCEPTIONS)
    if len(steps.to_do) == 1:
        yield f"To do: {steps.to_do[0]}."
    elif steps.to_do:
        yield "To do, most effective first:"
        yield from (f"  {one}" for one in steps.to_do)
    if outcome.status == "observed":
        yield "The policy refuses this image. It was not stopped, because the policy is only observed."
    else:
        yield from _where_it_stands(outcome, steps)
    if steps.release:
        yield from _release(steps.release)
    yield from (read_on.line(*one) for one in steps.docs)


def _where_it_stands(outcome: Outcome, steps: NextSteps) -> Iterable[str]:
    if outcome.moves_tags and not outcome.may_have_moved:
        yield f"No release tag was moved{': ' if steps.tags else ''}{'; '.join(steps.tags)}."
    if steps.inspect and not outcome.may_have_moved:
        yield f"To inspect the image: {steps.inspect}"


def _release(release: Release) -> Iterable[str]:
    if release.exceptions:
        yield f"{release.where}, to accept what refuses the image:"
        yield from (f"  {line}" for line in release.exceptions.splitlines())
    yield f"{release.why}{', once they are there' if release.exceptions else ''}:"
    yield f"  {release.command}"


def findings_table(findings: Sequence[ToFix], outcome: Outcome, width: int = 0) -> Iterable[Line]:
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
    for number, row in enumerate(([*table], *zip(*table.values(), strict=True))):
        first, *cells = [_cut(cell, room).ljust(room) for cell, room in zip(row, widths, strict=True)]
        meaning = first.strip().lower() if number else "muted"
        yield ("  ", ""), (first, meaning), ("  " + "  ".join(cells).rstrip(), "" if number else "muted")
    if len(findings) > SHOWN_FINDINGS:
        yield f"  … and {len(findings) - SHOWN_FINDINGS} more: {advice.all_findings(outcome)}"


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
