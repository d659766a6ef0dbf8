"""The only door to other programs: an argv tuple in, its output and exit code out.

No shell. The command is echoed with what is not known to be harmless left out, the last lines of
the output are kept for the error message, and nothing that we started outlives us: a program that
a background thread still waits for is ended when the interpreter goes.
"""

from __future__ import annotations

import atexit
import os
import shlex
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

KEPT_LINES = 200
# BuildKit cancels a build within a moment, and also when its client is gone: a client that does not end,
# because it waits for a credential helper say, is not waited for.
GRACE_SECONDS = 3.0
LOOK_SECONDS = 0.01

_running: set[subprocess.Popen[str]] = set()
_door = threading.Lock()
_door_closed = threading.Event()
_pause = threading.Event()  # never set


@dataclass(frozen=True)
class Completed:
    """exit_code is negative when a signal ended the program; output holds the last lines."""

    exit_code: int
    output: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return self.exit_code == 0


def echo(argv: Sequence[str], *, harmless: Sequence[str] = ()) -> str:
    """The command as a user may see it.

    Options are shown, values only where the caller vouches for them in harmless: a value that we do
    not know may be a secret.
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


def run(
    argv: Sequence[str],
    *,
    environ: Mapping[str, str],
    stdin: str = "",
    on_line: Callable[[str], None] = lambda line: None,
) -> Completed:
    """Runs a program to its end, handing each line of its output (both streams) that is not blank to on_line.

    Raises FileNotFoundError when there is no such program. When an exception passes through, an
    interruption above all, the program and its children are ended first.
    """
    kept: deque[str] = deque(maxlen=KEPT_LINES)
    with _start(argv, environ, with_stdin=bool(stdin)) as program:
        try:
            if program.stdin:
                program.stdin.write(stdin)
                program.stdin.close()
            assert program.stdout is not None  # noqa: S101 - it is a pipe, two lines above
            for line in program.stdout:
                kept.append(line.rstrip("\r\n"))
                if kept[-1].strip():
                    on_line(kept[-1])
            program.wait()
        except BaseException:
            _end(program)
            raise
        finally:
            _running.discard(program)
    return Completed(program.returncode, tuple(kept))


def _start(argv: Sequence[str], environ: Mapping[str, str], *, with_stdin: bool) -> subprocess.Popen[str]:
    """Starts a program, unless we are on our way out: nobody would be left to end it."""
    with _door:
        if _door_closed.is_set():
            raise RuntimeError("no program is started while this one ends")
        program = subprocess.Popen(
            list(argv),
            env=dict(environ),
            stdin=subprocess.PIPE if with_stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # so that its children can be ended with it
        )
        _running.add(program)
        return program


def _end(program: subprocess.Popen[str]) -> None:
    """Ends a program and its children: docker's plugins are processes of their own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not _group_has(program, number):
            return
        for _ in range(round(GRACE_SECONDS / LOOK_SECONDS)):
            if not _group_has(program, 0):
                return
            _pause.wait(LOOK_SECONDS)


def _group_has(program: subprocess.Popen[str], number: int) -> bool:
    """Sends a signal to the program's group, 0 for none. False once nobody is left in it."""
    program.poll()
    try:
        os.killpg(program.pid, number)
    except ProcessLookupError:
        return False
    return True


@atexit.register
def _end_all() -> None:
    with _door:
        _door_closed.set()
        left = tuple(_running)
    for program in left:
        _end(program)
