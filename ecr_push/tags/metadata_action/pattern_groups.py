"""The groups of a JavaScript expression: their number, names, and what the parser finds out about them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecr_push.base.regex import lazy_regex
from ecr_push.tags.metadata_action.pattern_scanner import PatternError

GROUP_NAME = lazy_regex(r"\(\?<([^=!>][^>]*)>")
_IDENTIFIER = lazy_regex(r"[\w$]+")


@dataclass
class Groups:
    """The groups of an expression. Names are read first, since a reference may come before its group."""

    count: int
    names: dict[str, int]
    opened: int = 0
    closed: set[int] = field(default_factory=set)
    unreliable: set[int] = field(default_factory=set)
    referred: set[int] = field(default_factory=set)


def groups_of(source: str) -> Groups:
    """Counts the groups of an expression and reads their names. Raises PatternError."""
    names: dict[str, int] = {}
    count, at, in_class = 0, 0, False
    while at < len(source):
        char = source[at]
        if char == "\\":
            at += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char == "(":
            name = GROUP_NAME.match(source, at)
            count += bool(name) or not source.startswith("(?", at)
            if name:
                if not _IDENTIFIER.fullmatch(name[1]) or name[1][0].isdigit():
                    raise PatternError(f"{name[1]!r} is not a valid group name")
                if name[1] in names:
                    raise PatternError(f"two groups have the name {name[1]!r}, which is not supported")
                names[name[1]] = count
        at += 1
    return Groups(count, names)
