"""An interruption waits while something is made that no one knows of yet: only what is known can be undone.

Python runs a signal's handler between any two steps of the main thread: after a program was started or a
folder was made, and before the `try` that would end or remove it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator

from ecr_push.base.errors import Interrupted

_holds: set[object] = set()  # of the main thread: no other one runs a signal's handler
_waiting: list[Interrupted] = []
_AGAIN_SECONDS = 0.05


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


@contextlib.contextmanager
def noticed(numbers: Collection[int], handled: threading.Event) -> Iterator[None]:
    """The handlers of these signals run soon, whatever the main thread waits for. The first one sets handled.

    The kernel hands a signal to any thread that does not block it: to another one than the main thread if
    that has not taken an earlier signal yet. Python notes the signal there, and runs the handler in the main
    thread, but does not wake it: it would wait on, for a lock or a connection. So a thread of its own repeats
    the signal to the main thread until the handler has run. To be used in the main thread, with the handlers
    set.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    main = threading.get_ident()

    def repeat() -> None:
        while number := os.read(reader, 1):  # Python writes the number of each signal
            while number[0] in numbers and not handled.wait(_AGAIN_SECONDS):
                signal.pthread_kill(main, number[0])

    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    thread = threading.Thread(target=repeat, name="signals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        handled.set()
        signal.set_wakeup_fd(before)
        os.close(writer)
        thread.join()  # a late repetition would meet whichever handler comes next
        os.close(reader)
