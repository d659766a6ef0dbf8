"""Version numbers as a pattern of terms: MAJOR.MINOR.MICRO, or a calendar's YYYY.0M.MICRO.

The terms are those of https://calver.org. A week's year is ISO 8601's own: the last days of December
may be in week 1, and would fall behind the year that they end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

from ecr_push.base.dataclass import dataclass

Unit = Literal["year", "month", "week", "day", "major", "minor", "micro"]

CALENDAR: tuple[Unit, ...] = ("year", "month", "week", "day")
COUNTERS: tuple[Unit, ...] = ("major", "minor", "micro")
_CENTURY = 2000  # YY is 6 in 2006, 16 in 2016 and 106 in 2106


@dataclass(frozen=True)
class Term:
    """One number of a version. width: the digits that it is filled up to with zeros, 0 for none."""

    word: str
    unit: Unit
    regex: str
    width: int = 0

    def __str__(self) -> str:
        return self.word


TERMS = {
    term.word: term
    for term in (
        Term("YYYY", "year", r"[1-9][0-9]{3}"),
        Term("YY", "year", r"0|[1-9][0-9]{0,2}"),
        Term("0Y", "year", r"[0-9]{2}|[1-9][0-9]{2}", 2),
        Term("MM", "month", r"1[0-2]|[1-9]"),
        Term("0M", "month", r"1[0-2]|0[1-9]", 2),
        Term("WW", "week", r"5[0-3]|[1-4][0-9]|[1-9]"),
        Term("0W", "week", r"5[0-3]|[1-4][0-9]|0[1-9]", 2),
        Term("DD", "day", r"3[01]|[12][0-9]|[1-9]"),
        Term("0D", "day", r"3[01]|[12][0-9]|0[1-9]", 2),
        Term("MAJOR", "major", r"0|[1-9][0-9]*"),
        Term("MINOR", "minor", r"0|[1-9][0-9]*"),
        Term("MICRO", "micro", r"0|[1-9][0-9]*"),
    )
}


@dataclass(frozen=True)
class Pattern:
    """Terms, and the `.` or `-` between each two."""

    terms: tuple[Term, ...]
    separators: tuple[str, ...]

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        return tuple(term.unit for term in self.terms)

    @property
    def is_calendar(self) -> bool:
        return "year" in self.units

    def __str__(self) -> str:
        return self._join(term.word for term in self.terms)

    def write(self, numbers: tuple[int, ...]) -> str:
        """Numbers as text; the first ones alone are a line's."""
        return self._join(
            str(number).zfill(term.width) for number, term in zip(numbers, self.terms, strict=False)
        )

    def regex(self) -> str:
        """Matches all numbers, with a group for each."""
        separators = [re.escape(separator) for separator in self.separators]
        groups = [f"({term.regex})" for term in self.terms]
        return "".join(part for pair in zip(groups, [*separators, ""], strict=True) for part in pair)

    def line_regex(self) -> str:
        """Matches the first numbers, at least one and never all, with a group for each."""
        rest = ""
        for term, separator in reversed(tuple(zip(self.terms[1:-1], self.separators, strict=False))):
            rest = f"(?:{re.escape(separator)}({term.regex}){rest})?"
        return f"({self.terms[0].regex}){rest}"

    def on(self, day: date) -> tuple[int | None, ...]:
        """The value of each term on a day; None for those that are not part of a date."""
        year, week, _ = day.isocalendar() if "week" in self.units else (day.year, 0, 0)
        values = {"year": year, "month": day.month, "week": week, "day": day.day}
        return tuple(
            values[term.unit] - self._epoch if term.unit == "year" else values.get(term.unit)
            for term in self.terms
        )

    def date_of(self, numbers: tuple[int | None, ...]) -> tuple[int, ...]:
        """The numbers that are part of a date, for comparison."""
        pairs = zip(self.units, numbers, strict=True)
        return tuple(number for unit, number in pairs if unit in CALENDAR and number is not None)

    def first_day(self, numbers: tuple[int, ...]) -> date:
        """The first day of the period that the numbers name: a day, a week, a month, a year.

        Raises ValueError where the calendar has none: 2024.02.30, or week 53 of a year with 52.
        """
        values = dict(zip(self.units, numbers, strict=True))
        year = values["year"] + self._epoch
        if "week" in values:
            return date.fromisocalendar(year, values["week"], 1)
        return date(year, values.get("month", 1), values.get("day", 1))

    def is_in_calendar(self, numbers: tuple[int, ...]) -> bool:
        """Whether the date of the numbers exists."""
        # Names are read by the thousand, and only the last days and weeks can be missing.
        if all(number <= limit for number, limit in zip(numbers, self._limits, strict=True)):
            return True
        try:
            self.first_day(numbers)
        except ValueError:
            return False
        return True

    def next_day(self, numbers: tuple[int, ...], earliest: date) -> date:
        """The first day after the period of the numbers. Raises ValueError at the calendar's end."""
        stated = self.date_of(numbers)
        day = max(earliest, self.first_day(numbers))
        try:
            while self.date_of(self.on(day)) <= stated:
                day += timedelta(days=1)
        except OverflowError:
            raise ValueError(f"the calendar has no day after {self.write(numbers)}") from None
        return day

    @cached_property
    def _epoch(self) -> int:
        return 0 if any(term.word == "YYYY" for term in self.terms) else _CENTURY

    @cached_property
    def _limits(self) -> tuple[float, ...]:
        """Up to where every year has this week, and every month this day."""
        limits = {"day": 28.0, "week": 52.0}
        return tuple(limits.get(unit, float("inf")) for unit in self.units)

    def _join(self, parts: Iterable[str]) -> str:
        first, *rest = parts
        return first + "".join(
            separator + part for separator, part in zip(self.separators, rest, strict=False)
        )
