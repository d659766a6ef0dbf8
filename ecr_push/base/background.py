"""Calls in the background, while the main thread does something else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from typing import TypeVar

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
    results: list[Future[T]] = [Future() for _ in calls]
    waiting = iter(zip(calls, results, strict=True))
    lock = threading.Lock()

    def begin_no_more() -> None:
        with lock:
            for _, left in waiting:
                left.cancel()

    def work() -> None:
        while True:
            with lock:
                call, result = next(waiting, (None, None))
            if call is None or result is None:
                return
            try:
                result.set_result(call())
            except BaseException as error:
                begin_no_more()
                result.set_exception(error)

    workers = [start(work, name) for _ in range(min(at_once, len(calls)))]
    try:
        for worker in workers:
            worker.result()
    except BaseException:
        begin_no_more()
        wait(workers, under_way_seconds)
        raise
    failed = next((error for one in results if not one.cancelled() and (error := one.exception())), None)
    if failed:
        raise failed
    return [one.result() for one in results]
