"""The order of severities, and the two forms of thresholds that a user writes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, IntEnum

from ecr_push.base.suggest import did_you_mean


class Severity(IntEnum):
    """How bad a finding is; greater is worse.

    The names are those of ECR (shape FindingSeverity of the service model) and of Inspector, which
    adds UNTRIAGED. UNRECOGNISED is any name that neither of them uses today: it ranks above all,
    because an unknown severity must never count as harmless.
    """

    UNDEFINED = 0
    UNTRIAGED = 1
    INFORMATIONAL = 2
    LOW = 3
    MEDIUM = 4
    HIGH = 5
    CRITICAL = 6
    UNRECOGNISED = 7

    @classmethod
    def read(cls, word: str) -> Severity:
        """Returns the severity that AWS calls word; UNRECOGNISED for an unknown name."""
        return cls.__members__.get(word.upper(), cls.UNRECOGNISED)

    def __str__(self) -> str:
        return self.name


class NoThreshold(Enum):
    """What `fail-on: none` says: no severity refuses a finding. A word of its own, as None is not given."""

    NONE = "none"

    def __str__(self) -> str:
        return self.value


Threshold = Severity | NoThreshold


def severity_of(threshold: Threshold | None) -> Severity | None:
    """The severity, None for `none` and for a threshold that is not given."""
    return None if isinstance(threshold, NoThreshold) else threshold


NAMED_BY_USERS = tuple(severity for severity in reversed(Severity) if severity is not Severity.UNRECOGNISED)


def parse_severity(word: str) -> Severity:
    """Parses a severity as users write it, in any case. Raises ValueError with the valid names."""
    severity = Severity.read(word.strip())
    if severity is Severity.UNRECOGNISED:
        names = [one.name.lower() for one in NAMED_BY_USERS]
        hint = did_you_mean(word.strip(), names)
        raise ValueError(f"{word!r} is not a severity: expected one of {', '.join(names)}{hint}")
    return severity


def parse_threshold(text: str) -> Threshold:
    """Parses fail-on: a severity, or none, which turns the rule off.

    Raises ValueError; for several severities, with the one that includes them all.
    """
    if text.strip().lower() == NoThreshold.NONE.value:
        return NoThreshold.NONE
    named = [Severity.read(word) for word in re.findall("[A-Za-z]+", text)]
    if len(named) > 1 and Severity.UNRECOGNISED not in named:
        least = min(named).name.lower()
        raise ValueError(f"{text!r}: give one severity; it refuses the worse ones too: --fail-on {least}")
    try:
        return parse_severity(text)
    except ValueError as error:
        what, expected, names = str(error).partition("expected one of ")
        raise ValueError(f"{what}{expected}none, {names}") from None


def parse_limits(text: str) -> Mapping[Severity, int]:
    """`critical=0,high=5`, or one on each line. Returns the limit of each named severity.

    Raises ValueError with every problem.
    """
    limits: dict[Severity, int] = {}
    problems = []
    for part in filter(None, (part.strip() for part in re.split("[,\n]", text))):
        name, equals, number = part.partition("=")
        if not equals:
            problems.append(f"{part!r}: expected SEVERITY=NUMBER, such as high=5")
            continue
        try:
            severity = parse_severity(name)
        except ValueError as error:
            problems.append(str(error))
            continue
        if not number.strip().isascii() or not number.strip().isdigit():
            problems.append(f"{part!r}: expected SEVERITY=NUMBER, such as high=5")
        elif severity in limits:
            problems.append(f"{severity.name.lower()} is named twice")
        else:
            limits[severity] = int(number)
    if not limits and not problems:
        problems.append("no limit is given: expected SEVERITY=NUMBER, such as critical=0,high=5")
    if problems:
        raise ValueError("; ".join(problems))
    return limits
