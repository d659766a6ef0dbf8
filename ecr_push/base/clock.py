"""The clock: everything that waits or needs the time gets one as a parameter."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Protocol

from ecr_push.base.errors import SettingsError


class Clock(Protocol):
    def now(self) -> datetime:
        """The time of day, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never goes backwards."""
        ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def source_date_epoch(environ: Mapping[str, str]) -> datetime | None:
    """Returns the time in SOURCE_DATE_EPOCH, which a build uses as its own. Raises SettingsError.

    https://reproducible-builds.org/specs/source-date-epoch/
    """
    text = environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    try:
        if not (text.isascii() and text.isdigit()):
            raise ValueError(text)
        return datetime.fromtimestamp(int(text), timezone.utc)
    except (ValueError, OverflowError, OSError) as error:
        raise SettingsError(
            [f"SOURCE_DATE_EPOCH: {text!r} is not a valid time: expected seconds since 1970, as 1700000000"]
        ) from error
