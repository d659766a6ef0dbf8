"""A rendered text as a tag's name: of allowed characters, and mended where a registry would refuse it."""

from __future__ import annotations

import hashlib
import re

LONGEST_TAG = 128
_HASH_DIGITS = 8
_INVALID = re.compile(r"[^a-zA-Z0-9._-]+")


def sanitized(text: str) -> str:
    """text with each run of characters that no tag may hold replaced by one `-`."""
    return _INVALID.sub("-", text)


def is_fine(name: str) -> bool:
    """Whether a registry takes a sanitized name as it is."""
    return len(name) <= LONGEST_TAG and name[:1] not in ("", ".", "-")


def is_cut(name: str) -> bool:
    """Whether mending a sanitized name would shorten it at its end."""
    return len(name) > LONGEST_TAG or (not is_fine(name) and len(name.lstrip(".-")) > _READABLE)


def repaired(text: str) -> str:
    """The name for a text whose sanitized form a registry refuses: it ends in the text's hash.

    So two texts that differ never quietly become one tag. `-x` is `x-` and eight digits, and where
    nothing readable is left, the name is `tag-` and eight digits.
    """
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
    readable = sanitized(text).lstrip(".-")[:_READABLE].rstrip(".-")
    return f"{readable or 'tag'}-{digest}"


_READABLE = LONGEST_TAG - _HASH_DIGITS - 1
