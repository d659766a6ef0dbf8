"""How many requests a registry gets at the same time, and when one is repeated.

ECR answers 429 beyond its quotas, and other pipelines of the account share them.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ecr_push.base.clock import Clock
from ecr_push.registry.layer_api import TransferError

T = TypeVar("T")

MOST_AT_ONCE = 8
ATTEMPTS = 7
_TOKENS = 2  # that may end meanwhile: of the registry that a blob comes from, and of the one that it goes to
# Pauses in seconds: the first, and the longest where the registry asks for none.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0


class Pace:
    """The pace of one registry: half as many at once after each 429, and slowly more again. Thread-safe."""

    def __init__(self, clock: Clock, most: int = MOST_AT_ONCE, attempts: int = ATTEMPTS) -> None:
        self._clock = clock
        self._most = most
        self._attempts = attempts
        self._limit = float(most)
        self._under_way = 0
        self._resumes_at = 0.0
        self._changed = threading.Condition()

    @property
    def at_once(self) -> int:
        return max(1, int(self._limit))

    def persist(self, do: Callable[[], T]) -> T:
        """What do returns, tried again as long as it may pass. Raises its last TransferError."""
        refusals = 0
        for attempt in range(1, self._attempts + 1):
            with self._turn():
                try:
                    result = do()
                except TransferError as error:
                    failed = error
                else:
                    self._went_well()
                    return result
            is_refused = failed.status in (401, 403)  # the token may have ended, and was replaced
            refusals += is_refused
            if attempt == self._attempts or not failed.may_pass or refusals > _TOKENS:
                raise failed
            if is_refused:
                continue
            own = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1)) * (1 + random.random())  # noqa: S311
            pause = max(failed.retry_after, own)
            if failed.is_throttled:
                self._slow_down(pause)
            else:
                self._clock.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._changed:
            while self._under_way >= self.at_once:
                self._changed.wait()
            self._under_way += 1
            pause = self._resumes_at - self._clock.monotonic()
        try:
            if pause > 0:
                self._clock.sleep(pause)
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def _slow_down(self, seconds: float) -> None:
        with self._changed:
            self._limit = max(1.0, self._limit / 2)
            self._resumes_at = max(self._resumes_at, self._clock.monotonic() + seconds)

    def _went_well(self) -> None:
        with self._changed:
            self._limit = min(self._most, self._limit + 1 / self._limit)
            self._changed.notify_all()
