"""A name, and a pattern in which `*` alone is special and stands for any text."""

from __future__ import annotations

import fnmatch


def matches(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern.replace("[", "[[]").replace("?", "[?]"))
