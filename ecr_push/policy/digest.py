"""Policy -> a hash of what it says, wherever its files are. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any

from ecr_push.policy.model import Policy

# Where something was read is not what it says.
_PLACES = frozenset(("where", "sources"))


def policy_digest(policy: Policy) -> str:
    """`sha256:…` of the policy in effect: every key, each exception and VEX statement, with its reason."""
    text = json.dumps(_plain(policy), sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        names = [one.name for one in dataclasses.fields(value) if one.name not in _PLACES]
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((_plain(one) for one in value), key=json.dumps)
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
