"""Times and numbers as other programs write them, of which any may be none."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import Any


def read_time(value: Any) -> datetime | None:
    """A time as boto3, the AWS CLI or the wire give it: a datetime, ISO 8601, seconds since 1970."""
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
    """A score, which is never below 0; None for what is none. JSON knows neither NaN nor infinity."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and number >= 0 else None
