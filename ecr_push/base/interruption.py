"""An interruption waits while something is made that no one knows of yet: only what is known can be undone.

Python runs a signal's handler between any two steps of the main thread: after a program was started or a
folder was made, and before the `try` that would end or remove it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from ecr_push.base.errors import Interrupted

_holds: set[object] = set()  # of the main thread: no other one runs a signal's handler
_waiting: list[Interrupted] = []


def interrupt(error: Interrupted) -> None:
    """Raises error, at once or where the last `held` lets go. For a signal's handler."""
    if _holds:
        _waiting.append(error)
        return
    raise error


@contextlib.contextmanager
def held() -> Iterator[Callable[[], None]]:
    """No interruption within, until the function that is given is called, inside of the `try` that undoes.

    What is within must be short. Raises Interrupted, from that function or at the end, where one waits.
    """
    hold = object()
    if threading.current_thread() is threading.main_thread():
        _holds.add(hold)

    def let_go() -> None:
        _holds.discard(hold)
        if _waiting and not _holds and threading.current_thread() is threading.main_thread():
            raise _waiting.pop()

    try:
        yield let_go
    finally:
        let_go()
