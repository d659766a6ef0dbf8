"""The exceptions of policies as a table for a terminal, and as a document for programs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecr_push.pipeline.listed_exceptions import ListedExceptions
from ecr_push.policy.model import PolicyException

VERSION = 1
HEAD = ("ENDS", "LEFT", "EXCEPTION", "OWNER", "WHERE")


def lines_of(listed: ListedExceptions) -> Iterator[str]:
    """A row for each, the one that ends first on top; and at last how many need a decision."""
    if listed.found:
        rows = [HEAD, *(row(one, listed) for one in listed.found)]
        widths = [max(len(one[column]) for one in rows) for column in range(len(HEAD))]
        for one in rows:
            yield "  ".join(cell.ljust(width) for cell, width in zip(one, widths, strict=True)).rstrip()
        yield ""
    yield summary(listed)


def row(one: PolicyException, listed: ListedExceptions) -> tuple[str, ...]:
    ends = one.until.isoformat() if one.until else "once fixed" if one.until_fixed else "never"
    return ends, left(listed.days_left(one)), str(one.what), one.owner or "-", one.where


def left(days: int | None) -> str:
    """`5 days`, `its last day`, `ended 3 days ago`; "-" for no date."""
    if days is None:
        return "-"
    if days == 0:
        return "its last day"
    counted = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    return counted if days > 0 else f"ended {counted} ago"


def summary(listed: ListedExceptions) -> str:
    """`1 has ended, 2 end within 14 days, and 1 has no end, of 7 exceptions in 2 policies.`"""
    if not listed.policies:
        return "No policy is named: neither a FILE is given, nor --policy, nor does ecr-push.yml have one."
    policies = "1 policy" if len(listed.policies) == 1 else f"{len(listed.policies)} policies"
    if not listed.found:
        return f"No exception in {policies}."
    within = f"{listed.soon / 86_400:g} days"
    ended, soon, open_ended = (listed.count(state) for state in ("ended", "soon", "no-end"))
    parts = [
        f"{ended} {'has' if ended == 1 else 'have'} ended" if ended else "",
        f"{soon} {'ends' if soon == 1 else 'end'} within {within}" if soon else "",
        f"{open_ended} {'has' if open_ended == 1 else 'have'} no end" if open_ended else "",
    ]
    said = [one for one in parts if one] or [f"none ends within {within}"]
    counted = "1 exception" if len(listed.found) == 1 else f"{len(listed.found)} exceptions"
    text = f"{', '.join(said)}, of {counted} in {policies}."
    return text[0].upper() + text[1:]


def document_of(listed: ListedExceptions) -> dict[str, Any]:
    return {
        "exceptionsVersion": VERSION,
        "at": listed.at.isoformat(),
        "policies": list(listed.policies),
        "exceptions": [
            {
                "exception": str(one.what),
                "where": one.where,
                "state": listed.state(one),
                "until": one.until.isoformat() if one.until else None,
                "daysLeft": listed.days_left(one),
                "untilFixed": one.until_fixed,
                "owner": one.owner or None,
                "reason": one.reason or None,
            }
            for one in listed.found
        ],
    }
