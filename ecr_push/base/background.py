"""Calls in the background, while the main thread does something else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
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
