"""Outcome -> what to do about a run that was not released, as parts of the Markdown report. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ecr_push.pipeline.outcome import Outcome
from ecr_push.report import advice
from ecr_push.report.advice import ToFix
from ecr_push.report.escape import code, fenced, link, prose
from ecr_push.report.next_steps import NextSteps, next_steps

SHOWN_EXCEPTIONS = 50
# What can be cut between two rows: the head, the rows, what the rows are, and how many there are in all.
Part = tuple[Sequence[str], Sequence[str], str, int]


def reasons(outcome: Outcome, most: int) -> Iterable[Part]:
    """Yields the findings that refuse the image, most urgent first; at most so many rows.

    Columns without values are left out.
    """
    if outcome.verdict is None or outcome.failure:
        return
    deciding = advice.to_fix(outcome.verdict)
    rows = [_row(one, outcome) for one in deciding[:most]]
    names = ("severity", "finding", "package", "fixed in", "about", "where", "on")
    used = [number for number in range(len(names)) if any(row[number] for row in rows)]
    columns = " | ".join(names[one] for one in used)
    head = ["### What to fix first", "", f"| {columns} |", "|" + "---|" * len(used)]
    shown = [f"| {' | '.join(row[one] for one in used)} |" for row in rows]
    yield head, shown, "findings", len(deciding)


def _row(one: ToFix, outcome: Outcome) -> tuple[str, ...]:
    finding = one.finding
    about = [prose(finding.title, 120)] if finding.title else []
    about += ["**exploit known**"] if finding.exploited else []
    about += [f"EPSS {finding.epss:.1%}"] if finding.epss is not None else []
    places = advice.places(finding.packages, outcome)
    several = len(outcome.scan.platforms) > 1 if outcome.scan else False
    return (
        str(finding.severity) + (f" {finding.score:g}" if finding.score is not None else ""),
        link(code(finding.id), finding.uri),
        code(f"{finding.package} {finding.version}".strip()),
        code(finding.fixed_in) if finding.fixed_in else "",
        ", ".join(about),
        prose(places[0]) + (f" and {len(places) - 1} more" if len(places) > 1 else "") if places else "",
        prose(advice.on(one, outcome) or "all") if several else "",
    )


def steps(outcome: Outcome) -> Iterable[Part]:
    """Yields the parts in the order that every format has; see `next_steps`."""
    found = next_steps(outcome, SHOWN_EXCEPTIONS)
    if outcome.failure or len(found.to_do) == 1:
        rows = [f"**To do**: {'; '.join(map(with_code, found.to_do))}"] if found.to_do else []
        yield (), rows, "steps", 0
    else:
        yield (
            ("### To do, most effective first", ""),
            [f"- {with_code(one)}" for one in found.to_do],
            "steps",
            0,
        )
    yield (), [line for one in _where_it_stands(outcome, found) for line in ("", one)][1:], "lines", 0
    if release := found.release:
        rows = (
            [f"{prose(release.where)}:", "", fenced(release.exceptions, "yaml"), ""]
            if release.exceptions
            else []
        )
        rows += ["Then:" if rows else "", "", fenced(release.command, "sh")]
        # As one row: half a command would be another one.
        yield (f"### {release.why}", ""), ["\n".join(rows).strip()], "commands", 0
    links = ", ".join(link(prose(title), address) for title, address in found.docs)
    yield (), [f"Read on: {links}"] if links else [], "links", 0


def _where_it_stands(outcome: Outcome, found: NextSteps) -> Iterable[str]:
    if outcome.status == "observed":
        yield "The policy refuses this image. It was not stopped, because the policy is only observed."
        return
    if outcome.may_have_moved:
        return
    if outcome.moves_tags:
        yield f"**No release tag was moved**{': ' if found.tags else ''}{prose('; '.join(found.tags))}."
    if found.inspect:
        yield f"To inspect the image: {code(found.inspect, 600)}"


def with_code(text: str, longest: int = 1000) -> str:
    """Returns prose, in which what is between backticks is a code span, which can be copied."""
    pieces = re.split("`([^`]+)`", text[:longest])
    return "".join(
        code(piece, longest) if number % 2 else _spaced(piece) for number, piece in enumerate(pieces)
    )


def _spaced(text: str) -> str:
    """prose, which drops the blanks at the ends, with the blanks."""
    safe = prose(text, 1000)
    return f"{' ' if text[:1] == ' ' else ''}{safe}{' ' if text[-1:] == ' ' and safe else ''}"
