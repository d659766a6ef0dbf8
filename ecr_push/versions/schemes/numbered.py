"""The schemes that count by a pattern: semver, two-part and the calendars.

A calendar version follows Semantic Versioning in all but its numbers: pre-releases after `-`, build metadata
after `+`, and the order of both.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.versions.schemes.calendar_pattern import COUNTERS, Pattern, Unit
from ecr_push.versions.schemes.prerelease import between, check_channel
from ecr_push.versions.schemes.scheme import LONGEST_TAG, Level, Number, check_way
from ecr_push.versions.schemes.semver_suffix import LONGEST_NAME, SUFFIX, identifiers

# What a level counts up, in the order of preference: not every pattern has every counter.
_COUNTED: dict[Level, tuple[Unit, ...]] = {
    "major": ("major", "minor", "micro"),
    "minor": ("minor", "micro"),
    "patch": ("micro", "minor"),
}


@dataclass(frozen=True)
class Patterned:
    """A scheme whose numbers follow a pattern. A rank is the numbers, whether final, the pre-release."""

    name: str
    pattern: Pattern

    def rank(self, name: str) -> tuple[Any, ...] | None:
        match = self._regex.fullmatch(name) if len(name) <= LONGEST_NAME else None
        if match is None or (len(name) > LONGEST_TAG and len(_text(name)) > LONGEST_TAG):
            return None
        *digits, prerelease = match.groups()
        numbers = tuple(map(int, digits))
        if self._may_lack and not self.pattern.is_in_calendar(numbers):
            return None
        return (*numbers, prerelease is None, identifiers(prerelease))

    def read(self, name: str) -> Number | None:
        rank = self.rank(name)
        if rank is None:
            return None
        # Numbers are written in one way alone, so that the name is normal already.
        return Number(rank, rank[: self._count], rank[self._count], _text(name), name.removeprefix("v"))

    def in_line(self, rank: tuple[Any, ...], line: tuple[int, ...]) -> bool:
        return bool(rank[self._count]) and rank[: len(line)] == line

    def lines(self, number: Number) -> tuple[tuple[int, ...], ...]:
        if not number.is_final:
            return ()
        lines = (number.release[:size] for size in range(self._count - 1, 0, -1))
        return tuple(line for line in lines if line != (0,))

    def line_text(self, number: Number, line: tuple[int, ...]) -> str:
        return self.pattern.write(line)

    def line_of(self, name: str) -> tuple[int, ...] | None:
        match = self._line_regex.fullmatch(name) if len(name) <= LONGEST_TAG else None
        return tuple(int(number) for number in match.groups() if number is not None) if match else None

    def first(self, day: date) -> Number:
        # https://semver.org, "How should I deal with revisions in the 0.y.z initial development
        # phase?", starts at 0.1.0. Calendars are counted from 0.
        start = 0 if self.pattern.is_calendar else 1
        pairs = zip(self.pattern.on(day), self.pattern.units, strict=True)
        return self._final(tuple(start if unit == "minor" else now or 0 for now, unit in pairs))

    def bump(self, number: Number, level: Level, day: date) -> Number:
        following = self._following(number, level, day)
        if following is None:
            counted = f"{self.name}{self.pattern.separators[-1]}MICRO"
            raise ValueError(
                f"{number} is this date's version already, and {self.name} allows only one; release on "
                f"another date, or count versions within a date: {counted}"
            )
        return following

    def coming(self, number: Number, level: Level, day: date) -> Number:
        following = self._following(number, level, day)
        return following or self.bump(number, level, self.pattern.next_day(number.release, day))

    def snapshot(
        self, base: Number | None, target: Number, channel: str, distance: int, build: str = ""
    ) -> Number:
        check_way(base, target, distance)
        last = ""
        if base is not None and base.release == target.release:
            last = base.text.removeprefix(f"{target.text}-")
        return self._made(target, between(last, channel, distance), build)

    def numbered(self, target: Number, channel: str, count: int) -> Number:
        check_way(None, target, count)
        check_channel(channel)
        return self._made(target, f"{channel}.{count}")

    def _following(self, number: Number, level: Level, day: date) -> Number | None:
        """The next final version; None where it would be this one again."""
        now = self._not_before(number, day)
        counted = self._counted(level)
        same_date = all(new in (None, old) for old, new in zip(number.release, now, strict=True))
        if not number.is_final and same_date and not any(self._below(number, counted)):
            return self._final(number.release)
        numbers: list[int] = []
        for index, (old, new) in enumerate(zip(number.release, now, strict=True)):
            higher = tuple(numbers) > number.release[:index]
            counter = 0 if higher else old + (index == counted)
            numbers.append(counter if new is None else new)
        return self._final(tuple(numbers)) if tuple(numbers) > number.release else None

    def _not_before(self, number: Number, day: date) -> tuple[int | None, ...]:
        """What the pattern says on a day. A clock that lags behind the version changes no date of it."""
        now, then = self.pattern.on(day), number.release
        if self.pattern.date_of(now) >= self.pattern.date_of(then):
            return now
        return tuple(None if new is None else old for old, new in zip(then, now, strict=True))

    def _counted(self, level: Level) -> int:
        """The index of what a level counts up; -1 where the date alone does."""
        units = self.pattern.units
        return next((units.index(unit) for unit in _COUNTED[level] if unit in units), -1)

    def _below(self, number: Number, counted: int) -> tuple[int, ...]:
        """The counters behind the one that is counted up."""
        pairs = enumerate(zip(number.release, self.pattern.units, strict=True))
        return tuple(one for index, (one, unit) in pairs if index > counted >= 0 and unit in COUNTERS)

    def _final(self, numbers: tuple[int, ...]) -> Number:
        return self._parsed(self.pattern.write(numbers))

    def _made(self, target: Number, prerelease: str, build: str = "") -> Number:
        return self._parsed(f"{target.text}-{prerelease}" + (f"+{build}" if build else ""))

    def _parsed(self, text: str) -> Number:
        number = self.read(text)
        if number is None:
            raise ValueError(f"{text!r} is not a version of {self.name}, or is too long for an image tag")
        return number

    @cached_property
    def _count(self) -> int:
        return len(self.pattern.terms)

    @cached_property
    def _may_lack(self) -> bool:
        """Whether the calendar can lack a date of this pattern."""
        return "day" in self.pattern.units or "week" in self.pattern.units

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return re.compile(f"v?{self.pattern.regex()}{SUFFIX}")

    @cached_property
    def _line_regex(self) -> re.Pattern[str]:
        return re.compile(f"v?{self.pattern.line_regex()}")


def _text(name: str) -> str:
    return name.removeprefix("v").partition("+")[0]
