"""Texts that every CI's facts are made of."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timezone

_LONGEST_RUN_ID = 64
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def joined_url(*parts: str) -> str:
    """The parts joined with `/`, or "" where one is missing."""
    return "/".join(parts) if all(parts) else ""


def is_commit(text: str) -> bool:
    """Whether text is a commit's whole id, of SHA-1 or SHA-256."""
    return bool(_COMMIT.fullmatch(text))


def tag_safe(text: str) -> str:
    """text in a tag's characters, at most 64; a hash keeps apart what that would make equal."""
    safe = re.sub(r"[^A-Za-z0-9_.-]+", "-", text)
    if safe == text and len(text) <= _LONGEST_RUN_ID:
        return text
    mark = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{safe[: _LONGEST_RUN_ID - len(mark) - 1]}-{mark}"


def moment(written: str) -> datetime | None:
    """An ISO 8601 time with its zone, in UTC; None for anything else."""
    try:
        found = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", written))  # Python 3.10 knows no Z
        return found.astimezone(timezone.utc) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
