"""How many requests of a kind a registry gets at the same time, and when one is repeated.

ECR answers 429, or ThrottlingException, beyond its quotas. Each action has one of its own, and other
pipelines of the account share it: PutImage has 10 a second, InitiateLayerUpload 100.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ecr_push.base.clock import Clock
from ecr_push.base.errors import RegistryError
from ecr_push.registry.aws.errors import AwsRefusedError, AwsUnreachableError
from ecr_push.registry.layer_api import TransferError

T = TypeVar("T")

MOST_AT_ONCE = 8
ATTEMPTS = 7
_TOKENS = 2  # that may end meanwhile: of the registry that a blob comes from, and of the one that it goes to
# Pauses in seconds: the first, and the longest where the registry asks for none.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0


class Pace:
    """The pace of one kind of request to one registry: half as many at once after each refusal for their
    number, and slowly more again. Thread-safe."""

    def __init__(self, clock: Clock, most: int = MOST_AT_ONCE, attempts: int = ATTEMPTS) -> None:
        self._clock = clock
        self.most = most
        self._attempts = attempts
        self._limit = float(most)
        self._under_way = 0
        self._resumes_at = 0.0
        self._changed = threading.Condition()

    @property
    def at_once(self) -> int:
        return max(1, int(self._limit))

    def persist(self, do: Callable[[], T]) -> T:
        """What do returns, tried again as long as it may pass. Raises its last error."""
        refusals = 0
        for attempt in range(1, self._attempts + 1):
            with self.turn():
                try:
                    result = do()
                except (TransferError, AwsRefusedError, AwsUnreachableError) as error:
                    failed = error
                else:
                    self._went_well()
                    return result
            status = failed.status if isinstance(failed, TransferError) else 0
            is_refused = status in (401, 403)  # the token may have ended, and was replaced
            refusals += is_refused
            if attempt == self._attempts or not _may_pass(failed) or refusals > _TOKENS:
                raise failed
            if is_refused:
                continue
            own = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1)) * (1 + random.random())  # noqa: S311
            asked = failed.retry_after if isinstance(failed, TransferError) else 0.0
            slower = (isinstance(failed, TransferError) and failed.slows) or self
            if _is_throttled(failed):
                slower.slow_down(max(asked, own))
            else:
                self._clock.sleep(max(asked, own))
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One request of the kind. Waits until it may begin."""
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

    def slow_down(self, seconds: float) -> None:
        """Half as many at once from now on, and none before these seconds are over."""
        with self._changed:
            self._limit = max(1.0, self._limit / 2)
            self._resumes_at = max(self._resumes_at, self._clock.monotonic() + seconds)

    def _went_well(self) -> None:
        with self._changed:
            self._limit = min(self.most, self._limit + 1 / self._limit)
            self._changed.notify_all()


class Paces:
    """The pace of each registry and kind of request. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._paces: dict[tuple[str, str], Pace] = {}

    def of(self, host: str, kind: str, most: int = MOST_AT_ONCE) -> Pace:
        with self._lock:
            return self._paces.setdefault((host, kind), Pace(self._clock, most))


def _is_throttled(error: RegistryError) -> bool:
    if isinstance(error, TransferError):
        return error.is_throttled
    return isinstance(error, AwsRefusedError) and error.throttled


def _may_pass(error: RegistryError) -> bool:
    if isinstance(error, TransferError):
        return error.may_pass
    is_of_server = isinstance(error, AwsRefusedError) and error.status >= 500
    return is_of_server or _is_throttled(error) or isinstance(error, AwsUnreachableError)
