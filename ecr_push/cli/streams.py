"""Standard output and standard error, whatever they are: closed, full, a pipe whose reader has gone.

The result that cannot be printed is an error with words. The log that cannot be printed is lost, and nothing
else: what a run does never depends on it.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast

from ecr_push.base.errors import Interrupted, ReportError

# How long a command that was interrupted waits for a reader, each time; and what a pipe takes at once when it
# takes anything (PIPE_BUF of pipe(7)).
_PATIENCE_SECONDS = 3.0
_PIECE = 1000  # characters, of at most four bytes


class _Stream:
    """A text stream that is not a terminal where there is none. Everything else is the stream's own.

    hurried: the command was interrupted. It no longer waits for a pipe that no one reads.
    """

    hurried = False

    def __init__(self, inner: TextIO | None) -> None:
        self._inner = inner

    def write(self, text: str) -> int:
        try:
            if self._inner is None:
                raise OSError("it is closed")
            if not self.hurried:
                return self._inner.write(text)
            for begin in range(0, len(text), _PIECE):
                self._expect_reader()
                self._inner.write(text[begin : begin + _PIECE])
                self._inner.flush()
            return len(text)
        except Interrupted:
            self._expect_reader()
            raise
        except (OSError, ValueError) as error:
            self._failed(error)
            return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        try:
            if self._inner is not None:
                if self.hurried:
                    self._expect_reader()
                self._inner.flush()
        except Interrupted:
            self._expect_reader()
            raise
        except (OSError, ValueError) as error:
            self._failed(error)

    def isatty(self) -> bool:
        return self._inner is not None and not self._inner.closed and self._inner.isatty()

    def __getattr__(self, name: str) -> Any:
        if self._inner is None:
            raise AttributeError(name)
        return getattr(self._inner, name)

    def _expect_reader(self) -> None:
        """Drops what no one takes: the end of a command that was interrupted must not wait for ever."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            if not select.select([], [self.fileno()], [], _PATIENCE_SECONDS)[1]:
                _to_nowhere(self.fileno())

    def _failed(self, error: OSError | ValueError) -> None:
        # What is left in the buffer is written when the interpreter exits, which changes its exit code if
        # it fails again.
        with contextlib.suppress(OSError, ValueError, AttributeError):
            _to_nowhere(self.fileno())


class ResultStream(_Stream):
    """Standard output. Raises ReportError from the first write or flush that fails on: part of it is lost."""

    _lost: OSError | ValueError | None = None

    def write(self, text: str) -> int:
        self._check()
        return super().write(text)

    def flush(self) -> None:
        self._check()
        super().flush()

    def _failed(self, error: OSError | ValueError) -> None:
        super()._failed(error)
        self._lost = error
        self._check()

    def _check(self) -> None:
        if self._lost is not None:
            raise ReportError(
                "standard output could not be written",
                why=getattr(self._lost, "strerror", None) or str(self._lost),
                remedy="give the command a standard output that takes all of it; what else it did stands",
            )


class LogStream(_Stream):
    """Standard error. Nothing that is written to it fails."""


@contextlib.contextmanager
def standard_streams() -> Iterator[tuple[TextIO, TextIO]]:
    """Puts both in the place of Python's own, which libraries write to, for as long as a command runs."""
    before = sys.stdout, sys.stderr
    for one in before:
        # A character that the terminal's encoding lacks is shown escaped. To stop for it would lose the rest.
        if reconfigure := getattr(one, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    streams = cast(TextIO, ResultStream(sys.stdout)), cast(TextIO, LogStream(sys.stderr))
    sys.stdout, sys.stderr = streams
    _Stream.hurried = False
    try:
        yield streams
    finally:
        sys.stdout, sys.stderr = before


def hurry() -> None:
    """To be called when a signal ends the command."""
    _Stream.hurried = True


def occupy_standard_descriptors() -> None:
    """Opens what the caller has closed: else the next file or connection had its number, and a program that
    is started would write into it what it says.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # the lowest number that is free


def _to_nowhere(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
