"""GitHub's event file: what it says about the run's repository and commits. It may have any shape.

https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ecr_push.ci.facts_text import moment


def load_event(path: str, read_text: Callable[[str], str]) -> Mapping[str, Any]:
    """The event; empty where no file is named, or where it cannot be read."""
    if not path:
        return {}
    try:
        event = json.loads(read_text(path))
    except (OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}


def text(value: object, *keys: str) -> str:
    """The text or number behind a path of keys, or ""."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return str(value) if isinstance(value, (str, int)) else ""


def licenses(event: Mapping[str, Any]) -> str:
    """The repository's licence as an SPDX expression."""
    # A licence that GitHub does not recognise has the identifier NOASSERTION.
    found = text(event, "repository", "license", "spdx_id")
    return "" if found == "NOASSERTION" else found


def committed_at(event: Mapping[str, Any], commit: str) -> datetime | None:
    """The commit's time from a push event, which lists commits and names the last one apart."""
    commits = event.get("commits")
    for one in (event.get("head_commit"), *(commits if isinstance(commits, list) else ())):
        if commit and text(one, "id") == commit:
            return moment(text(one, "timestamp"))
    return None
