"""A program in the place of this process: with its streams, its terminal, its signals and its exit code."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence

from ecr_push.base import watcher

_HANDED_ON = (
    *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT),
    *(signal.SIGUSR1, signal.SIGUSR2),
)
# What a terminal sends to all of its foreground group, and so to the program too.
_KEYS = (signal.SIGINT, signal.SIGQUIT)


def run_in_foreground(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Runs a program to its end; signals that reach this process go on to it. In the main thread alone.

    It is in the group of this process, so that the terminal's keys reach it, Ctrl-Z among them.

    Returns its exit code, or 128 and the number of the signal that ended it, as a shell does. Raises OSError
    where it cannot be started.
    """
    with _signals() as next_signal:
        program = subprocess.Popen(list(argv), env=dict(environ))
        watcher.tie_one(program.pid)
        try:
            while program.poll() is None:
                number = next_signal()
                if number in _HANDED_ON and not (number in _KEYS and _keys_reach_us()):
                    program.send_signal(number)
        finally:
            watcher.untie_one(program.pid)
    return program.returncode if program.returncode >= 0 else 128 - program.returncode


@contextlib.contextmanager
def _signals() -> Iterator[Callable[[], int]]:
    """What waits for the next signal, the end of a child among them, and returns its number.

    Python's own handlers run in the main thread only once that wakes up, whichever thread the kernel chose.
    Each signal's number is in this pipe at once.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    # First the pipe, then the handlers: a signal in between still interrupts, as it did before.
    pipe_before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    ignored = [one for one in _HANDED_ON if signal.getsignal(one) == signal.SIG_IGN]  # such as nohup's
    taken = [one for one in (*_HANDED_ON, signal.SIGCHLD) if one not in ignored]
    before = {one: signal.signal(one, lambda number, frame: None) for one in taken}
    try:
        yield lambda: os.read(reader, 1)[0]
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        signal.set_wakeup_fd(pipe_before)
        os.close(writer)
        os.close(reader)


def _keys_reach_us() -> bool:
    """Whether this process is in the foreground of its terminal."""
    for number in range(3):
        with contextlib.suppress(OSError):
            return os.tcgetpgrp(number) == os.getpgrp()
    return False
