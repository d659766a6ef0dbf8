"""The one door for JSON and TOML: text -> values, whatever the text is. For YAML it is `yaml_tree`.

The text may be anyone's. It gives values that are nested no deeper than `DEEPEST`, or a ValueError in words
for the user; so no reader meets a RecursionError, a number without end, or a name that is there twice.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from ecr_push.base.regex import lazy_regex

# The time and the memory that TOML parsers take grow with the square of a key's parts (`a.a.a.a`): 300 kB of
# them need more than a machine has. No key of ours has more than three.
_ENDLESS_KEY = lazy_regex(r"""(?:(?:(?<![\w-])[\w-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')[ \t]*\.[ \t]*){100}""")

# What we read has about ten levels. Python's own limit of calls, and that of readers written in C, is above.
DEEPEST = 100
TOO_DEEP = f"nested too deeply: more than {DEEPEST} levels"


def read_json(content: str | bytes) -> Any:
    """The value of a JSON document; bytes may be UTF-8, UTF-16 or UTF-32, with a byte order mark too.

    Raises ValueError for anything else, NaN and a name that an object has twice among it: which of the two
    counts is left open (RFC 8259, section 4), and the one that does not could be the finding.
    """
    try:
        value = json.loads(content, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    _check_depth(value)
    return value


def read_toml(text: str) -> Mapping[str, Any]:
    """The table of a TOML document. Raises ValueError."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    if _ENDLESS_KEY.search(text):
        raise ValueError("it has a key of a hundred parts or more")
    try:
        table: Mapping[str, Any] = tomllib.loads(text)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    _check_depth(table)
    return table


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice[:100]!r} is there twice in one object")
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is not a number in JSON")


def _finite(word: str) -> float:
    found = float(word)
    if found in (float("inf"), float("-inf")):
        raise ValueError(f"the number {word[:100]} is too large")
    return found


def _check_depth(value: Any) -> None:
    """Level by level, not by calls: this must hold where the parser's own limit did not."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            below
            for one in level
            if isinstance(one, (dict, list))
            for below in (one.values() if isinstance(one, dict) else one)
            if isinstance(below, (dict, list))
        ]
        if not level:
            return
    raise ValueError(TOO_DEEP)
