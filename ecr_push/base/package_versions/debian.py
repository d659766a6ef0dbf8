"""Debian's order: https://man7.org/linux/man-pages/man7/deb-version.7.html, section "Sorting algorithm"."""

from __future__ import annotations

import re

from ecr_push.base.package_versions.keys import Key, number, runs
from ecr_push.base.regex import lazy_regex

_VERSION = lazy_regex(r"(?:\d+:)?[A-Za-z0-9.+~-]+", re.ASCII)


def key(text: str) -> Key:
    """Returns epoch, upstream version and Debian revision; a missing epoch or revision equals 0."""
    epoch, colon, rest = text.partition(":")
    if not colon or not (epoch.isascii() and epoch.isdigit()):
        epoch, rest = "", text
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return number(epoch), runs(upstream), runs(revision)


def check(text: str) -> None:
    """Raises ValueError where text is not a valid Debian version."""
    if not _VERSION.fullmatch(text):
        raise ValueError(f"{text!r} is not a valid Debian version")
