"""A commit and its history in short: the fields of `Source` and of its `ReleaseHistory` side by side."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ecr_push.source.model import Source
from ecr_push.versions.history import ReleaseHistory

COMMIT = "0123456789abcdef0123456789abcdef01234567"
MERGE = "f" * 40  # of a pull request's head and its target
COMMITTED_AT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)
_OF_HISTORY = frozenset(field.name for field in fields(ReleaseHistory))


def source(**given: Any) -> Source:
    """A checkout of `main` with nothing else known of it, but for what is given."""
    return changed(Source(Path("/src/app"), COMMIT, ReleaseHistory(COMMITTED_AT, branch="main")), **given)


def changed(source: Source, **given: Any) -> Source:
    """source with other values of its own fields and of its history's. A pull request is never released."""
    of_history = {name: value for name, value in given.items() if name in _OF_HISTORY}
    own = {name: value for name, value in given.items() if name not in _OF_HISTORY}
    if given.get("pull_request"):
        of_history.setdefault("no_release", "a pull request is never released")
    return replace(source, history=replace(source.history, **of_history), **own)
