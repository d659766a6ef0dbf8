"""What the orders share: numbers of any length, and runs of text and digits as dpkg compares them."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from ecr_push.base.regex import lazy_regex

Key: TypeAlias = tuple[Any, ...]

_RUN = lazy_regex(r"(\D*)(\d*)", re.ASCII)
_END: Key = ((0,), (0, ""))


def number(digits: str) -> tuple[int, str]:
    """A number's length and digits, without leading zeros: int() refuses more than 4,300 digits."""
    stripped = digits.lstrip("0")
    return len(stripped), stripped


def runs(text: str) -> Key:
    """Runs of non-digits and of digits in turn, as dpkg orders them: `~` before the end, letters first."""
    found = [
        ((*map(_order, letters), 0), number(digits))
        for letters, digits in _RUN.findall(text)
        if letters or digits
    ]
    return (*(found or [_END]), _END)  # an empty text equals "0"


def _order(character: str) -> int:
    if character == "~":
        return -1
    return ord(character) if character.isascii() and character.isalpha() else ord(character) + 256
