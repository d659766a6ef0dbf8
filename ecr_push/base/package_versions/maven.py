"""Maven's order: https://maven.apache.org/pom.html#version-order-specification."""

from __future__ import annotations

import re
from functools import cmp_to_key
from itertools import zip_longest
from typing import TypeAlias

from ecr_push.base.package_versions.keys import Key, number
from ecr_push.base.regex import lazy_regex

# A separator, and a number or a qualifier. A change from digits to letters counts as a hyphen.
_Token: TypeAlias = tuple[str, str]

_QUALIFIERS = {
    name: rank
    for rank, names in enumerate(
        (
            ("alpha",),
            ("beta",),
            ("milestone",),
            ("rc", "cr"),
            ("snapshot",),
            ("", "final", "ga", "release"),
            ("sp",),
        )
    )
    for name in names
}
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}  # only with a number behind them
_SHORT_QUALIFIER = lazy_regex(r"(?<![^\d.-])([abm])(?=\d)", re.ASCII)
_CHANGE = lazy_regex(r"(?<=\d)(?=[^\d.-])|(?<=[^\d.-])(?=\d)", re.ASCII)


def key(text: str) -> Key:
    """Returns a key that compares token by token: a missing token equals 0 or the empty qualifier."""
    return (_compare_key(_tokens(text.lower())),)


def _tokens(text: str) -> tuple[_Token, ...]:
    text = _SHORT_QUALIFIER.sub(lambda found: _SHORT[found[1]], text)
    first, *others = re.split(r"([.-])", _CHANGE.sub("-", text))
    tokens = [("", first or "0")]
    tokens += [(separator, value or "0") for separator, value in zip(others[::2], others[1::2], strict=True)]
    return _trimmed(tokens)


def _trimmed(tokens: list[_Token]) -> tuple[_Token, ...]:
    """Without the empty tokens at the end, before a hyphen and before a qualifier: `1.0.0-rc.0` is `1-rc`."""
    kept: list[_Token] = []
    trims = True
    for index, (separator, value) in reversed(list(enumerate(tokens))):
        if not (index and trims and _is_empty(value)):
            kept.append((separator, value))
            trims = separator == "-" or not _is_number(value)
    return tuple(reversed(kept))


def _is_empty(value: str) -> bool:
    return not value.strip("0") if _is_number(value) else _QUALIFIERS.get(value) == _QUALIFIERS[""]


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit()


def _compare(one: tuple[_Token, ...], other: tuple[_Token, ...]) -> int:
    for mine, theirs in zip_longest(one, other):
        first, second = _rank(mine or _padding(theirs)), _rank(theirs or _padding(mine))
        if first != second:
            return -1 if first < second else 1
    return 0


_compare_key = cmp_to_key(_compare)


def _padding(token: _Token) -> _Token:
    separator, value = token
    return separator, "0" if _is_number(value) else ""


def _rank(token: _Token) -> Key:
    """Qualifiers, then numbers behind a hyphen, then numbers behind a dot."""
    separator, value = token
    if _is_number(value):
        return (1 if separator == "-" else 2), number(value)
    return 0, _QUALIFIERS.get(value, len(_QUALIFIERS)), "" if value in _QUALIFIERS else value
