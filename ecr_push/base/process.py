"""Runs other programs: argv -> exit code and output.

No shell. The echoed command omits every value that is not known to be harmless, the last lines of the output
are kept for the error message, and no program outlives this process: one that a background thread still
waits for is ended when the interpreter exits, and a watcher ends all of them when this process is killed.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shlex
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial

from ecr_push.base import interruption, watcher
from ecr_push.base.dataclass import dataclass

KEPT_LINES = 200
LONGEST_LINE = 64 * 1024  # characters; a program can print a gigabyte without a line's end
# BuildKit cancels a build quickly, also when its client is gone. So a client that does not end, for example
# because it waits for a credential helper, is killed after this time.
GRACE_SECONDS = 3.0
POLL_SECONDS = 0.01

_running: set[subprocess.Popen[str]] = set()
_lock = threading.Lock()
_exiting = threading.Event()
_pause = threading.Event()  # never set
_afterwards: list[Callable[[], None]] = []


@dataclass(frozen=True)
class Completed:
    """exit_code is negative if a signal ended the program; output has the last lines."""

    exit_code: int
    output: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return self.exit_code == 0


def echo(argv: Sequence[str], *, harmless: Sequence[str] = ()) -> str:
    """Returns the command as a user may see it.

    Options are shown, values only if they are in harmless: any other value may be a secret.
    """
    known = {*harmless, argv[0]}
    shown = []
    for word in argv:
        name, equals, value = word.partition("=")
        if word in known or (word.startswith("-") and (not equals or value in known)):
            shown.append(shlex.quote(word))
        elif word.startswith("-"):
            shown.append(f"{shlex.quote(name)}=…")
        else:
            shown.append("…")
    return " ".join(shown)


class StoppedError(Exception):
    """A program was not started, because it had been stopped before."""


class Stop:
    """Ends a program that another thread runs, and keeps it from starting any further one."""

    def __init__(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """grace_seconds: how long the program may take to end before it is killed."""
        self._lock = threading.Lock()
        self._stopped = False
        self._grace_seconds = grace_seconds
        self._program: subprocess.Popen[str] | None = None

    def now(self) -> None:
        """Ends the program and its children, and waits until they are gone."""
        with self._lock:
            self._stopped = True
            if self._program:
                _end(self._program, self._grace_seconds)

    @contextlib.contextmanager
    def around(self, start: Callable[[], subprocess.Popen[str]]) -> Iterator[subprocess.Popen[str]]:
        """The program that start starts, which is ended by `now` until this is left. Raises StoppedError."""
        with self._lock:
            if self._stopped:
                raise StoppedError
            program = self._program = start()
        try:
            with program:
                yield program
        finally:
            with self._lock:
                self._program = None


def run(
    argv: Sequence[str],
    *,
    environ: Mapping[str, str],
    stdin: str = "",
    on_line: Callable[[str], None] = lambda line: None,
    blank_lines: bool = False,
    stop: Stop | None = None,
    with_errors: bool = True,
) -> Completed:
    """Runs a program to its end. Calls on_line with each line of its output (both streams) that is not blank.

    blank_lines: with the blank ones, too.
    with_errors: False for standard output alone, where others could shape what is on standard error.

    stop: ends the program from another thread. On an exception, above all an interruption, the program and
    its children are ended first.

    Raises FileNotFoundError if there is no such program, StoppedError if stop was used before.
    """
    kept: deque[str] = deque(maxlen=KEPT_LINES)
    start = partial(_start, argv, environ, with_stdin=bool(stdin), with_errors=with_errors)
    with (
        interruption.held() as let_go,
        (stop or Stop()).around(start) as program,
    ):
        try:
            let_go()
            if program.stdin:
                with contextlib.suppress(BrokenPipeError):  # it may end without reading what it is given
                    program.stdin.write(stdin)
                    program.stdin.close()
            output = program.stdout
            assert output is not None  # noqa: S101 - it is a pipe
            for line in iter(lambda: output.readline(LONGEST_LINE), ""):
                kept.append(line.rstrip("\r\n"))
                if blank_lines or kept[-1].strip():
                    on_line(kept[-1])
            program.wait()
        except BaseException:
            with interruption.held():
                _end(program)
            raise
        finally:
            _running.discard(program)
            watcher.untie(program.pid)
    return Completed(program.returncode, tuple(kept))


def _start(
    argv: Sequence[str], environ: Mapping[str, str], *, with_stdin: bool, with_errors: bool
) -> subprocess.Popen[str]:
    """Starts a program, unless this process is exiting: then nothing would end the program."""
    with _lock:
        if _exiting.is_set():
            raise RuntimeError("cannot start a program while this process exits")
        program = subprocess.Popen(
            list(argv),
            env=dict(environ),
            stdin=subprocess.PIPE if with_stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if with_errors else subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # so that its children can be ended with it
        )
        _running.add(program)
    watcher.tie(program.pid)
    return program


def start_pipes(
    argv: Sequence[str],
    *,
    without: Collection[str] = (),
    added: Mapping[str, str] | None = None,
    with_stdin: bool = False,
) -> subprocess.Popen[bytes]:
    """Starts a program with the environment of this process, in a session of its own, which the caller ends.

    Its output and its errors are pipes. without: variables that it does not get; added: those that it gets.
    Raises FileNotFoundError if there is no such program, PermissionError if it may not be started.
    """
    return subprocess.Popen(
        list(argv),
        env={name: of for name, of in os.environ.items() if name not in without} | dict(added or {}),
        stdin=subprocess.PIPE if with_stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def once_all_have_ended(call: Callable[[], None]) -> None:
    """Calls it when this process exits, after the last of its programs."""
    _afterwards.append(call)


def _end(program: subprocess.Popen[str], grace_seconds: float = GRACE_SECONDS) -> None:
    """Ends a program and its children: docker's plugins are separate processes."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not _group_has(program, number):
            return
        for _ in range(round(grace_seconds / POLL_SECONDS)):
            if not _group_has(program, 0):
                return
            _pause.wait(POLL_SECONDS)


def _group_has(program: subprocess.Popen[str], number: int) -> bool:
    """Sends a signal to the program's group, 0 for none. False once the group is empty."""
    program.poll()
    try:
        os.killpg(program.pid, number)
    except ProcessLookupError:
        return False
    return True


@atexit.register
def _end_all() -> None:
    with _lock:
        _exiting.set()
        left = tuple(_running)
    for program in left:
        _end(program)
    for call in _afterwards:
        call()
    watcher.close()
