"""The geometry of the charts, which the template draws as SVG beside their numbers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ecr_push.base.dataclass import dataclass
from ecr_push.base.severity import Severity
from ecr_push.report.html_rows import Row, moment

# The full width of a bar, in SVG units.
WIDTH = 1000

ALWAYS_SHOWN = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
_AGES = (("Up to 7 days", 7), ("8 to 30 days", 30), ("31 to 90 days", 90), ("91 days to a year", 365))
_OLDER = "More than a year"


@dataclass(frozen=True)
class Bar:
    """A bar of findings, whose first part are those that refuse. key: the severity's name, for its colour."""

    label: str
    key: str
    found: int
    refusing: int
    width: int
    refusing_width: int


@dataclass(frozen=True)
class Span:
    """A phase of the run, from start on."""

    label: str
    seconds: float
    start: int
    width: int


def severity_bars(rows: Sequence[Row]) -> list[Bar]:
    """Returns one bar per severity, worst first; the usual four are included even if they are 0."""
    by_severity: dict[Severity, list[Row]] = {severity: [] for severity in ALWAYS_SHOWN}
    for row in rows:
        by_severity.setdefault(row.finding.severity, []).append(row)
    groups = {one: by_severity[one] for one in sorted(by_severity, reverse=True)}
    return _bars(
        {str(one).capitalize(): found for one, found in groups.items()}, [one.name for one in groups]
    )


@dataclass(frozen=True)
class Share:
    """A part of one bar for all findings: a severity, from start on. key: for its colour."""

    label: str
    key: str
    found: int
    refusing: int
    start: int
    width: int


def severity_share(rows: Sequence[Row]) -> list[Share]:
    """Returns the severities that were found, worst first, as parts of one bar."""
    found, start = [], 0
    bars = [one for one in severity_bars(rows) if one.found]
    whole = sum(one.found for one in bars)
    # Each is wide enough to be seen; the widest gives the room.
    widths = [_share(one.found, whole) for one in bars]
    if widths:
        widths[widths.index(max(widths))] += WIDTH - sum(widths)
    for one, width in zip(bars, widths, strict=True):
        found.append(Share(one.label, one.key, one.found, one.refusing, start, width))
        start += width
    return found


def age_bars(rows: Sequence[Row], now: datetime | None) -> list[Bar]:
    """Returns bars of how long findings have been known in this image; none if that is not reported."""
    known = [(row, seen) for row in rows if (seen := moment(row.finding.first_seen))]
    if not known or now is None:
        return []
    groups: dict[str, list[Row]] = {label: [] for label in (*(label for label, _ in _AGES), _OLDER)}
    for row, seen in known:
        days = (now - seen).days
        groups[next((label for label, limit in _AGES if days <= limit), _OLDER)].append(row)
    return _bars(groups, ["AGE"] * len(groups))


def _bars(groups: Mapping[str, Sequence[Row]], keys: Sequence[str]) -> list[Bar]:
    longest = max(map(len, groups.values()), default=0)
    return [
        Bar(label, key, len(rows), refusing, _share(len(rows), longest), _share(refusing, longest))
        for (label, rows), key in zip(groups.items(), keys, strict=True)
        for refusing in [sum(row.refuses for row in rows)]
    ]


def timeline(seconds: Mapping[str, float]) -> list[Span]:
    """Returns the phases one after the other."""
    whole = sum(seconds.values())
    spans, elapsed = [], 0.0
    for phase, spent in seconds.items():
        width = _share(spent, whole)
        start = round(WIDTH * elapsed / whole) if whole else 0
        spans.append(Span(phase, spent, min(start, WIDTH - width), width))
        elapsed += spent
    return spans


def _share(part: float, whole: float) -> int:
    """Returns the width of part, large enough to be visible."""
    return max(round(WIDTH * part / whole), 4) if part and whole else 0
