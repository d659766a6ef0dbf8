"""RPM's order: epoch, version and release, each compared by segments.

https://rpm-software-management.github.io/rpm/manual/dependencies.html#versioning and rpmvercmp() of
https://github.com/rpm-software-management/rpm/blob/master/rpmio/rpmvercmp.c
"""

from __future__ import annotations

import re

from ecr_push.base.package_versions.keys import Key, number
from ecr_push.base.regex import lazy_regex

# Other characters only separate segments.
_SEGMENT = lazy_regex(r"~|\^|[A-Za-z]+|\d+", re.ASCII)
# What is greater where two versions differ, in ascending order.
_TILDE, _END, _CARET, _LETTERS, _DIGITS = range(5)


def key(text: str) -> Key:
    """Returns epoch, version and release; a missing epoch equals 0."""
    epoch, colon, rest = text.partition(":")
    if not colon or not (epoch.isascii() and epoch.isdigit()):
        epoch, rest = "", text
    version, _, release = rest.partition("-")
    return number(epoch), _segments(version), _segments(release)


def _segments(text: str) -> Key:
    return (*map(_segment, _SEGMENT.findall(text)), (_END,))


def _segment(text: str) -> Key:
    if text == "~":
        return (_TILDE,)
    if text == "^":
        return (_CARET,)
    return (_DIGITS, number(text)) if text.isdigit() else (_LETTERS, text)
