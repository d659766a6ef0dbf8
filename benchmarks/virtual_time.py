"""Virtual time for threads: the real code, with calls that take as long as a seed says, and no waiting.

One thread runs at a time. A thread that sleeps, or waits for another thread, lets the one go on whose time
comes first. So the same seed gives the same order of events, whatever machine it runs on.
"""

from __future__ import annotations

import heapq
import random
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar
from unittest.mock import patch

from ecr_push.base import background

T = TypeVar("T")
START = datetime(2026, 1, 1, tzinfo=timezone.utc)


class VirtualTime:
    """A clock (see `base.clock.Clock`) and what moves it. random has the seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._seconds = 0.0
        self._waiting: list[tuple[float, int, threading.Semaphore]] = []
        self._turns = 0
        self._running = 0
        self._all_done = threading.Event()

    def now(self) -> datetime:
        return START + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return self._seconds

    def sleep(self, seconds: float) -> None:
        turn = threading.Semaphore(0)
        self._enter(self._seconds + seconds, turn)
        self._next()
        turn.acquire()

    def run(self, *parties: Callable[[], T]) -> list[T | BaseException]:
        """What each party returns or raises; all begin at 0."""
        futures = [self.start(one, "party") for one in parties]
        self._next()
        self._all_done.wait()
        return [one.exception(0) or Future.result(one, 0) for one in futures]

    def start(self, call: Callable[[], T], name: str) -> Future[T]:
        """In place of `base.background.start`."""
        future: _VirtualFuture[T] = _VirtualFuture(self)
        turn = threading.Semaphore(0)
        self._enter(self._seconds, turn)
        self._running += 1

        def work() -> None:
            turn.acquire()
            try:
                future.set_result(call())
            except BaseException as error:
                future.set_exception(error)
            future.wake()
            self._running -= 1
            self._next()

        threading.Thread(target=work, name=name, daemon=True).start()
        return future

    def wait(
        self, futures: Collection[Future[Any]], timeout: float | None = None
    ) -> tuple[set[Any], set[Any]]:
        """In place of `concurrent.futures.wait`; nothing here takes so long that a timeout ends it."""
        for one in futures:
            if isinstance(one, _VirtualFuture):
                one.await_end()
        return set(futures), set()

    def _enter(self, at: float, turn: threading.Semaphore) -> None:
        self._turns += 1
        heapq.heappush(self._waiting, (at, self._turns, turn))

    def _next(self) -> None:
        if self._waiting:
            at, _, turn = heapq.heappop(self._waiting)
            self._seconds = max(self._seconds, at)
            turn.release()
        elif self._running == 0:
            self._all_done.set()
        else:
            raise RuntimeError("all threads wait for one another")


class _VirtualFuture(Future[T]):
    """A future whose waiters wait in virtual time."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time
        self._turns: list[threading.Semaphore] = []

    def result(self, timeout: float | None = None) -> T:
        self.await_end()
        return super().result(0)

    def await_end(self) -> None:
        if not self.done():
            turn = threading.Semaphore(0)
            self._turns.append(turn)
            self._time._next()
            turn.acquire()

    def wake(self) -> None:
        for turn in self._turns:
            self._time._enter(self._time.monotonic(), turn)


@contextmanager
def virtual(time: VirtualTime, waits_in: Sequence[str]) -> Iterator[None]:
    """The product's threads in virtual time. waits_in: the modules that wait for several futures."""
    with ExitStack() as patches:
        patches.enter_context(patch.object(background, "start", time.start))
        for module in waits_in:
            patches.enter_context(patch(f"{module}.wait", time.wait))
        yield
