"""A result that cannot be printed is an error; a log that cannot be printed changes nothing."""

from __future__ import annotations

import errno
import io
import sys
from typing import TextIO

import pytest

from ecr_push.base.errors import ReportError
from ecr_push.cli.streams import LogStream, ResultStream, standard_streams


class Full(io.StringIO):
    """Fails with the nth call of write or flush, counted from 0."""

    def __init__(self, at: int, error: OSError | ValueError) -> None:
        super().__init__()
        self._left, self._error = at, error

    def write(self, text: str) -> int:
        self._count()
        return super().write(text)

    def flush(self) -> None:
        self._count()

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise self._error


ERRORS = [
    OSError(errno.ENOSPC, "No space left on device"),
    BrokenPipeError(errno.EPIPE, "Broken pipe"),
    ValueError("I/O operation on closed file"),
]


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("at", [0, 1])
def test_a_result_that_is_lost_is_an_error_from_then_on(at: int, error: OSError | ValueError) -> None:
    stream = ResultStream(Full(at, error))
    with pytest.raises(ReportError, match="standard output could not be written") as caught:
        stream.write("URI@DIGEST\n")
        stream.flush()
    assert caught.value.why == (getattr(error, "strerror", None) or str(error))
    # A library that tries a stream out, and hides what is raised, must not make it seem whole.
    for again in (stream.flush, lambda: stream.write("")):
        with pytest.raises(ReportError):
            again()


@pytest.mark.parametrize("error", ERRORS)
def test_a_log_that_is_lost_changes_nothing(error: OSError | ValueError) -> None:
    stream = LogStream(Full(0, error))
    assert stream.write("a line\n") == 7
    stream.writelines(["a", "b"])
    stream.flush()
    assert not stream.isatty()


def test_streams_that_are_not_there() -> None:
    LogStream(None).write("x")
    LogStream(None).flush()
    ResultStream(None).flush()
    assert not ResultStream(None).isatty()
    with pytest.raises(ReportError) as caught:
        ResultStream(None).write("x")
    assert caught.value.why == "it is closed"


def test_a_character_that_the_encoding_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    inner: TextIO = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", inner)
    with standard_streams() as (stdout, _):
        assert sys.stdout is stdout
        stdout.write("tag → \udc80\n")
        stdout.flush()
    assert sys.stdout is inner
    assert inner.buffer.getvalue() == b"tag \\u2192 \\udc80\n"  # type: ignore[attr-defined]
