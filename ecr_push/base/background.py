"""Calls in the background, while the main thread does something else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

T = TypeVar("T")


def start(call: Callable[[], T], name: str) -> Future[T]:
    """Starts call in a thread. Returns its future.

    The thread is a daemon, unlike those of ThreadPoolExecutor, which the interpreter joins on exit: after
    an interruption the exit does not wait for a connection that hangs.
    """
    return fulfil(Future(), call, name)


def fulfil(future: Future[T], call: Callable[[], T], name: str) -> Future[T]:
    """Like `start`, for a future that exists already."""

    def work() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=work, name=name, daemon=True).start()
    return future


def all_of(
    calls: Sequence[Callable[[], T]], name: str, at_once: int = 16, under_way_seconds: float = 0.0
) -> list[T]:
    """What the calls return, in their order; at most so many are made at the same time.

    Raises what the first of them in that order raises, when all have ended; after an error none begins.
    under_way_seconds: how long an interruption waits for those that have begun.
    """
    crew = _Crew(calls, name, at_once)
    try:
        for worker in crew.workers:
            worker.result()
    except BaseException:
        crew.begin_no_more()
        wait(crew.workers, under_way_seconds)
        raise
    return [one.result() for one in crew.ended()]


def all_within(
    seconds: float, calls: Sequence[Callable[[], T]], name: str, at_once: int = 16
) -> list[T | None]:
    """As `all_of`, but waits no longer than this: None for a call that has not ended, and goes on alone.

    After that none begins.
    """
    crew = _Crew(calls, name, at_once)
    try:
        wait(crew.results, seconds)
    finally:  # an interruption ends the wait, too
        crew.begin_no_more()
    return [one.result() if one.done() and not one.cancelled() else None for one in crew.ended()]


class _Crew(Generic[T]):
    """Threads that make calls, at most so many at the same time. After an error none begins."""

    def __init__(self, calls: Sequence[Callable[[], T]], name: str, at_once: int) -> None:
        self.results: list[Future[T]] = [Future() for _ in calls]
        self._waiting = iter(zip(calls, self.results, strict=True))
        self._lock = threading.Lock()
        self.workers = [start(self._work, name) for _ in range(min(at_once, len(calls)))]

    def begin_no_more(self) -> None:
        with self._lock:
            for _, left in self._waiting:
                left.cancel()
                left.set_running_or_notify_cancel()  # so that a wait for it ends

    def ended(self) -> list[Future[T]]:
        """The results, some of which may still come. Raises the error of the first that has one."""
        for one in self.results:
            if one.done() and not one.cancelled() and (error := one.exception()):
                raise error
        return self.results

    def _work(self) -> None:
        while True:
            with self._lock:
                call, result = next(self._waiting, (None, None))
            if call is None or result is None:
                return
            try:
                result.set_result(call())
            except BaseException as error:
                self.begin_no_more()
                result.set_exception(error)
