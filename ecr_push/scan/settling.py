"""The wait for a result without a completion time: it counts once it has not changed for long enough."""

from __future__ import annotations

import math

from ecr_push.base.clock import Clock
from ecr_push.base.errors import AuthenticationError, RegistryError
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest
from ecr_push.registry.interface import Reader

# A result without a completion time may still be incomplete: it must stay unchanged for so long.
SETTLE_SECONDS = 30.0
# Or only for so long, once Inspector reports that it has scanned the image since it was pushed.
CONFIRMED_SETTLE_SECONDS = 5.0
# How often Inspector is asked for that.
CONFIRM_EVERY_SECONDS = 5.0


class Settling:
    """Watches the result of one image. confirm: whether Inspector may confirm it. name: for the log."""

    def __init__(
        self,
        name: str,
        digest: Digest,
        client: Reader,
        clock: Clock,
        narrator: Narrator,
        *,
        confirm: bool,
    ) -> None:
        self._name = name
        self._digest = digest
        self._client = client
        self._clock = clock
        self._narrator = narrator
        self._may_confirm = confirm
        self._confirm_next = 0.0
        self._confirmed_since = math.inf
        self._seen: object = None
        self._seen_since = 0.0

    @property
    def ends_at(self) -> float:
        """The time by `clock.monotonic` at which the result that was seen last is final."""
        return min(self._seen_since + SETTLE_SECONDS, self._confirmed_since + CONFIRMED_SETTLE_SECONDS)

    def forget(self) -> None:
        """Discards what was seen, because the scan continues."""
        self._seen = None

    def is_final(self, result: object) -> bool:
        """Whether this result has not changed for long enough."""
        now = self._clock.monotonic()
        if result != self._seen:
            self._seen, self._seen_since, self._confirmed_since = result, now, math.inf
        if self._may_confirm and self._confirmed_since == math.inf and now >= self._confirm_next:
            self._confirm_next = now + CONFIRM_EVERY_SECONDS
            self._confirm(now)
        return now >= self.ends_at

    def _confirm(self, now: float) -> None:
        try:
            coverage = self._client.inspector.coverage(self._digest)
        except AuthenticationError:
            self._may_confirm = False  # then wait for the full time
            return
        except RegistryError:
            return
        if coverage and coverage.has_scanned and coverage.last_scanned_at:
            self._confirmed_since = now
            scanned = coverage.last_scanned_at.isoformat(timespec="seconds")
            self._narrator.say(f"{self._name}: Inspector scanned it at {scanned}")
