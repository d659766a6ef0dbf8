"""Texts that every CI's facts are made of."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timezone

from ecr_push.base.regex import lazy_regex

_LONGEST_RUN_ID = 64
_COMMIT = lazy_regex(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# Where hosts keep what is proposed to them, and what clones commonly make of it (`origin/pr/12`):
# refs/pull/N/head      https://docs.github.com/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/checking-out-pull-requests-locally
# refs/merge-requests/N https://docs.gitlab.com/user/project/merge_requests/versions/
# refs/pull-requests/N  Bitbucket Server
# refs/changes/05/5/1   https://gerrit-review.googlesource.com/Documentation/concept-refs-for-namespace.html
_REQUEST = lazy_regex(r"(?:.*/)?(?:(?:pr|pull|pull-requests|merge-requests)|changes/[0-9]+)/([0-9]+)(?:/.*)?")


def joined_url(*parts: str) -> str:
    """The parts joined with `/`, or "" where one is missing."""
    return "/".join(parts) if all(parts) else ""


def is_commit(text: str) -> bool:
    """Whether text is a commit's whole id, of SHA-1 or SHA-256."""
    return bool(_COMMIT.fullmatch(text))


def request_in(ref: str) -> str:
    """The number of the pull request, merge request or change whose ref this is; "" for any other ref."""
    found = _REQUEST.fullmatch(ref)
    return found[1] if found else ""


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
