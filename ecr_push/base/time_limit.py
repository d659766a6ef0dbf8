"""A bound on the time of a computation in the main thread: a pattern of a user's can need years.

Python's re looks for signals while it matches, so that an alarm ends it; nothing else does, a thread neither.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator


class TimeLimitError(Exception):
    """The time was up."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises TimeLimitError within the block when that is over. For the main thread, one at a time.

    seconds: of processor time. What waits for a processor on a busy machine is not too slow.
    """

    def ring(number: int, frame: object) -> None:
        raise TimeLimitError

    before = signal.signal(signal.SIGVTALRM, ring)
    # Again and again: an alarm that rings in a callback of C is only printed.
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
