"""Reads times and numbers as other programs write them; a value that is not valid is None."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import Any


def read_time(value: Any) -> datetime | None:
    """Reads a time from boto3, the AWS CLI or the wire: a datetime, ISO 8601, seconds since 1970."""
    try:
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, timezone.utc)
        if isinstance(value, str):
            value = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except (ValueError, OverflowError, OSError):
        return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=timezone.utc)


def read_number(value: Any) -> float | None:
    """Reads a score, 0 or more; None if it is not valid. JSON has neither NaN nor infinity."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None
