"""Rendered text -> a valid tag: allowed characters only, and with a hash if it had to be changed further."""

from __future__ import annotations

import hashlib

from ecr_push.base.regex import lazy_regex

LONGEST_TAG = 128
_HASH_DIGITS = 8
_INVALID = lazy_regex(r"[^a-zA-Z0-9._-]+")


def sanitized(text: str) -> str:
    """Replaces each run of characters that a tag cannot contain with one `-`."""
    return _INVALID.sub("-", text)


def is_fine(name: str) -> bool:
    """Whether a sanitized name is a valid tag."""
    return len(name) <= LONGEST_TAG and name[:1] not in ("", ".", "-")


def is_cut(name: str) -> bool:
    """Whether `repaired` would cut the end of a sanitized name."""
    return len(name) > LONGEST_TAG or (not is_fine(name) and len(name.lstrip(".-")) > _READABLE)


def repaired(text: str) -> str:
    """Returns a valid tag for a text whose sanitized form is not one: it ends in the text's hash.

    So two different texts never become the same tag. `-x` becomes `x-` and eight digits; if nothing
    readable is left, the name is `tag-` and eight digits.
    """
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
    readable = sanitized(text).lstrip(".-")[:_READABLE].rstrip(".-")
    return f"{readable or 'tag'}-{digest}"


_READABLE = LONGEST_TAG - _HASH_DIGITS - 1
