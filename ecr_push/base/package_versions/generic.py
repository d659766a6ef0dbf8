"""One order for ecosystems without a module of their own: Debian's, after what others write differently.

A leading `v` and trailing `.0` do not count; a pre-release (`1.0rc1`, `1.0-beta.2`) sorts before its release.
"""

from __future__ import annotations

from ecr_push.base.package_versions import debian
from ecr_push.base.package_versions.keys import Key
from ecr_push.base.regex import lazy_regex

_LEADING_V = lazy_regex(r"^v(?=\d)")
_PRERELEASE = lazy_regex(
    r"(?<=\d)[-._]?(?=(?:a|alpha|b|beta|c|rc|cr|pre|preview|dev|m|milestone|snapshot)(?:[\d._-]|$))"
)
_POSTRELEASE = lazy_regex(r"(?<=\d)[-._]?(?=(?:post|rev|r)\d+)")
_TRAILING_ZEROS = lazy_regex(r"^(\d+(?:\.\d+)*?)(?:\.0+)+(?![.\d])")


def key(text: str) -> Key:
    """Returns Debian's key of the text in Debian's form. Upper case does not count."""
    text = _PRERELEASE.sub("~", _LEADING_V.sub("", text.lower()))
    text = text.replace("~dev", "~~dev")  # before every other pre-release
    text = _POSTRELEASE.sub("+", text)  # after its release, before 1.0.1: + sorts before .
    return debian.key(_TRAILING_ZEROS.sub(r"\1", text))
