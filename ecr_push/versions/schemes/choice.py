"""The setting that chooses a scheme: its text -> Scheme."""

from __future__ import annotations

import re

from ecr_push.base.suggest import closest
from ecr_push.versions.schemes.calendar_pattern import CALENDAR, COUNTERS, TERMS, Pattern, Unit
from ecr_push.versions.schemes.numbered import Patterned
from ecr_push.versions.schemes.scheme import Scheme

_SEMVER = Pattern((TERMS["MAJOR"], TERMS["MINOR"], TERMS["MICRO"]), (".", "."))
_TWO_PART = Pattern((TERMS["MAJOR"], TERMS["MINOR"]), (".",))
_NAMED: dict[str, Scheme] = {
    "semver": Patterned("semver", _SEMVER),
    "two-part": Patterned("two-part", _TWO_PART),
}
SEMVER = _NAMED["semver"]
# What looks like a pattern, and has a name.
_BY_NUMBERS = {str(_SEMVER): "semver", str(_TWO_PART): "two-part"}


def parse_scheme(text: str) -> Scheme:
    """`semver`, `two-part`, `pep440`, or the pattern of a calendar: `YYYY.0M.MICRO`, `YY.0M`.

    A pattern has a year and at least one number more, with `.` or `-` between each two: years YYYY YY
    0Y, months MM 0M, weeks WW 0W, days DD 0D, and MAJOR MINOR MICRO. Raises ValueError with a sentence
    for the user.
    """
    if scheme := _NAMED.get(text):
        return scheme
    if text == "pep440":
        from ecr_push.versions.schemes.pep440 import Pep440

        return Pep440()
    if problem := _problem(text):
        meant = _meant(text)
        raise ValueError(f"{text!r} is {problem}" + (f"; did you mean {meant!r}?" if meant else ""))
    terms = tuple(TERMS[word] for word in _words(text))
    return Patterned(text, Pattern(terms, tuple(re.findall("[.-]", text))))


def _words(text: str) -> list[str]:
    return re.split("[.-]", text)


def _problem(text: str) -> str:
    """Why a text is not a valid calendar pattern, "" where it is one."""
    words = _words(text)
    if not any(word.upper() in TERMS for word in words):
        return (
            "not a valid version scheme: semver, two-part, pep440 and calendar patterns such as "
            "YYYY.0M.MICRO or YYYY.0M.0D are allowed"
        )
    if unknown := [word for word in words if word not in TERMS]:
        names = " ".join(TERMS)
        return f"not a valid calendar pattern: {', '.join(map(repr, unknown))} is none of {names}"
    fault = _fault([TERMS[word].unit for word in words])
    return f"not a valid calendar pattern: {fault}" if fault else ""


def _fault(units: list[Unit]) -> str:
    """What is wrong with the order or the choice of a pattern's terms, "" where nothing is."""
    dates = [unit for unit in units if unit in CALENDAR]
    counters = [unit for unit in units if unit in COUNTERS]
    doubled = next((unit for unit in units if units.count(unit) > 1), None)
    if doubled:
        return f"it has two terms for the {doubled}"
    if "year" not in units:
        return "it has no year (YYYY, YY or 0Y)"
    if len(units) == 1:
        return "it gives one version a year; add a month, a week or a number, such as YYYY.MICRO"
    if "week" in units and ("month" in units or "day" in units):
        return "a week goes with a year, and with neither a month nor a day"
    if "day" in units and "month" not in units:
        return "a day goes with a month (MM or 0M)"
    if dates != sorted(dates, key=CALENDAR.index) or counters != sorted(counters, key=COUNTERS.index):
        return "numbers count from left to right: year, month, day, and MAJOR, MINOR, MICRO"
    return ""


def _meant(text: str) -> str:
    """The scheme that the text may mean; "" where none is close."""
    if text in _BY_NUMBERS:
        return _BY_NUMBERS[text]
    corrected = re.sub("[^.-]+", lambda match: _corrected(match[0]), text)
    if corrected in _BY_NUMBERS:
        return _BY_NUMBERS[corrected]
    return corrected if not _problem(corrected) else closest(text, (*_NAMED, "pep440"))


def _corrected(word: str) -> str:
    """A word of a pattern as terms: `mm` as MM, `PATCH` as MICRO, `YYYY0M0D` as YYYY.0M.0D."""
    terms = re.findall("|".join(TERMS), word.upper())
    if "".join(terms) == word.upper():
        return ".".join(terms)
    return closest(word, TERMS | {"PATCH": TERMS["MICRO"]}).replace("PATCH", "MICRO") or word
