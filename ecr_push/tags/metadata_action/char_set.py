"""Sets of characters for JavaScript's regular expressions, as ranges, and how Python writes them.

Everything that the two languages treat differently (`\\d`, `\\s`, `.`, case) is written as such a set.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from ecr_push.tags.metadata_action.mistakes import JS_SPACE

Ranges: TypeAlias = tuple[tuple[int, int], ...]

LAST = 0x10FFFF
# Ranges with more characters are assumed to hold both cases of their letters already.
_FEW = 3000


def char_set(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Returns the ranges sorted and merged."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def of(characters: str) -> Ranges:
    return char_set((ord(char), ord(char)) for char in characters)


def complement(ranges: Ranges) -> Ranges:
    gaps, start = [], 0
    for low, high in ranges:
        if low > start:
            gaps.append((start, low - 1))
        start = high + 1
    return (*gaps, (start, LAST)) if start <= LAST else tuple(gaps)


def union(one: Ranges, other: Ranges) -> Ranges:
    return char_set((*one, *other))


def intersection(one: Ranges, other: Ranges) -> Ranges:
    return complement(union(complement(one), complement(other)))


ANY: Ranges = ((0, LAST),)
LINE_ENDS = of("\n\r\u2028\u2029")
DIGITS = of("0123456789")
WORD = char_set([(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)])
SPACE = of(JS_SPACE)
_CLASSES = {"d": DIGITS, "w": WORD, "s": SPACE}
CLASS_LETTERS = "dDwWsS"


def named(letter: str, *, any_case: bool) -> Ranges:
    """Returns `\\d`, `\\D` and so on. any_case: flags `i` and `u` are on, so `\\w` includes `ſ`."""
    ranges = _CLASSES[letter.lower()]
    if any_case and letter in "wW":
        ranges = in_any_case(ranges, unicode=True)
    return ranges if letter.islower() else complement(ranges)


def in_any_case(ranges: Ranges, *, unicode: bool) -> Ranges:
    """Returns the set with the other cases of its letters, by JavaScript's rule for the flag `i`.

    Without `u` (or `v`) no letter outside ASCII equals one inside; with it `s` also equals `ſ`, and `k` the
    Kelvin sign.
    """
    found = set()
    for low, high in ranges:
        for code in range(low, (min(high, 0x7F) if high - low > _FEW else high) + 1):
            found.update(_cases(chr(code), unicode))
    return union(ranges, char_set((code, code) for code in found)) if found else ranges


# Other cases that upper() and lower() do not find.
_OTHER_CASES = {"s": "ſ", "k": "\u212a", "σ": "ς", "ς": "σ"}


def _cases(char: str, unicode: bool) -> list[int]:
    lower, upper = char.lower(), char.upper()
    if lower == upper and char.isascii():
        return []
    others = _OTHER_CASES.get(lower, "")
    near = {lower, upper, upper.lower(), lower.upper(), *others}
    return [ord(one) for one in near if len(one) == 1 and _folded(one, unicode) == _folded(char, unicode)]


def _folded(char: str, unicode: bool) -> str:
    folded = char.casefold() if unicode else char.upper()
    if len(folded) != 1 or (not unicode and folded.isascii() and not char.isascii()):
        return char
    return folded


def to_python(ranges: Ranges) -> str:
    """Returns the set in Python's syntax: one atom of a regular expression."""
    if not ranges:
        return "(?!)"
    if ranges == ANY:
        return r"[\s\S]"
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _escaped(ranges[0][0])
    return "[" + "".join(_escaped(a) if a == b else f"{_escaped(a)}-{_escaped(b)}" for a, b in ranges) + "]"


def _escaped(code: int) -> str:
    char = chr(code)
    if char.isascii() and char.isalnum():
        return char
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
