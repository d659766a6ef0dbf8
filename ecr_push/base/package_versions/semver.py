"""Semantic Versioning's order, of npm, Cargo and Go: https://semver.org/spec/v2.0.0.html#spec-item-11.

Go writes a leading `v` (https://go.dev/ref/mod#versions). Missing numbers equal 0, and more than three count.
"""

from __future__ import annotations

import re

from ecr_push.base.package_versions.keys import Key, number, runs
from ecr_push.base.regex import lazy_regex

_LEADING_V = lazy_regex(r"^[vV](?=\d)")
_TRAILING_ZEROS = lazy_regex(r"^(\d+(?:\.\d+)*?)(?:\.0+)+$", re.ASCII)


def key(text: str) -> Key:
    """Returns the numbers, then the pre-release's identifiers. Build metadata (`+…`) does not count."""
    release, dash, prerelease = _LEADING_V.sub("", text).partition("+")[0].partition("-")
    identifiers = tuple(map(_identifier, prerelease.split(".")))
    return runs(_TRAILING_ZEROS.sub(r"\1", release)), (0, *identifiers) if dash else (1,)


def _identifier(text: str) -> Key:
    is_number = text.isascii() and text.isdigit()
    return (0, number(text)) if is_number else (1, text)
