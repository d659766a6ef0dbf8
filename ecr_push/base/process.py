"""The only place that runs other programs: argv -> exit code and output.

No shell. The echoed command omits every value that is not known to be harmless, the last lines of the output
are kept for the error message, and no program outlives this process: one that a background thread still
waits for is ended when the interpreter exits.
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
# BuildKit cancels a build quickly, also when its client is gone. So a client that does not end, for example
# because it waits for a credential helper, is killed after this time.
GRACE_SECONDS = 3.0
POLL_SECONDS = 0.01

_running: set[subprocess.Popen[str]] = set()
_lock = threading.Lock()
_exiting = threading.Event()
_pause = threading.Event()  # never set


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


def run(
    argv: Sequence[str],
    *,
    environ: Mapping[str, str],
    stdin: str = "",
    on_line: Callable[[str], None] = lambda line: None,
) -> Completed:
    """Runs a program to its end. Calls on_line with each line of its output (both streams) that is not blank.

    Raises FileNotFoundError if there is no such program. On an exception, above all an interruption, ends the
    program and its children first.
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
    """Starts a program, unless this process is exiting: then nothing would end the program."""
    with _lock:
        if _exiting.is_set():
            raise RuntimeError("cannot start a program while this process exits")
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
    """Ends a program and its children: docker's plugins are separate processes."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not _group_has(program, number):
            return
        for _ in range(round(GRACE_SECONDS / POLL_SECONDS)):
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
