"""Alpine's order, as `apk version` compares: https://wiki.alpinelinux.org/wiki/APKBUILD_Reference#pkgver."""

from __future__ import annotations

import re

from ecr_push.base.package_versions.keys import Key, number, runs
from ecr_push.base.regex import lazy_regex

_VERSION = lazy_regex(
    r"(?P<first>\d+)(?P<rest>(?:\.\d+)*)(?P<letter>[a-z]?)"
    r"(?P<suffixes>(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)"
    r"(?P<hash>~[0-9a-f]+)?(?:-r(?P<revision>\d+))?",
    re.ASCII,
)
_SUFFIX = lazy_regex(r"_([a-z]+)(\d*)", re.ASCII)
_BEFORE = ("alpha", "beta", "pre", "rc")
_AFTER = ("cvs", "svn", "git", "hg", "p")
# What is greater where two versions differ, in ascending order.
_PRE, _END, _REVISION, _HASH, _NUMBER, _POST, _LETTER, _DIGITS = range(8)


def key(text: str) -> Key:
    """Returns the parts of the version; what follows a valid beginning decides last."""
    match = _VERSION.match(text)
    if match is None:
        return (), runs(text)
    tokens: list[Key] = [(_DIGITS, 1, number(match["first"]))]
    # After the first number, one with a leading 0 is compared as a fraction: 1.05 is older than 1.1.
    tokens += [
        (_DIGITS, 0, part) if part.startswith("0") else (_DIGITS, 1, number(part))
        for part in match["rest"].split(".")[1:]
    ]
    if match["letter"]:
        tokens.append((_LETTER, match["letter"]))
    for name, digits in _SUFFIX.findall(match["suffixes"]):
        before = name in _BEFORE
        tokens.append((_PRE, _BEFORE.index(name)) if before else (_POST, _AFTER.index(name)))
        if digits:
            tokens.append((_NUMBER, number(digits)))
    if match["hash"]:
        tokens.append((_HASH, match["hash"]))
    if match["revision"]:
        tokens.append((_REVISION, number(match["revision"])))
    return (*tokens, (_END,)), runs(text[match.end() :])


def check(text: str) -> None:
    """Raises ValueError where text is not a valid apk version."""
    if not _VERSION.fullmatch(text):
        raise ValueError(f"{text!r} is not a valid apk version")
