"""GitHub's workflow commands, and a narrator that folds a run's phases with them.

Its runner reads commands from standard output and standard error alike, and obeys a line that begins with
`::`, or that has `##[` anywhere in it. So these lines go to standard error, and text from outside goes
through `visible` and stands behind a time.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Literal, TextIO

from ecr_push.base.clock import Clock
from ecr_push.base.log import Narrator, Paint, Redactor, as_it_is, log_lines, visible

# GitHub keeps so many annotations of each level of a step, and drops the others.
# https://docs.github.com/actions/reference/limits
ANNOTATIONS = 10
_LONGEST_ANNOTATION = 4_000  # characters; GitHub shows about as much

Level = Literal["error", "warning", "notice"]


def command(name: str, text: str = "", **properties: str) -> str:
    """One workflow command as a line; empty properties are left out."""
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{name}{' ' + given if given else ''}::{_data(text)}\n"


def annotation(level: Level, text: str, *, title: str = "", file: str = "", line: int = 0) -> str:
    """An annotation, which may have several lines, without control characters. line: of file, 0 for none."""
    shown = "\n".join(visible(line) for line in text.splitlines())
    if len(shown) > _LONGEST_ANNOTATION:
        shown = shown[: _LONGEST_ANNOTATION - 1] + "…"
    place = str(line) if file and line else ""
    return command(level, shown, file=visible(file), line=place, title=visible(title))


def mask(secret: str) -> str:
    """Makes the runner hide a secret in everything that the job writes from now on; one line a command."""
    return "".join(command("add-mask", line) for line in secret.splitlines() if line.strip())


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


class GithubLog:
    """See `CiLog`."""

    def narrator(self, stream: TextIO, clock: Clock, redactor: Redactor, paint: Paint) -> Narrator:
        return GithubNarrator(stream, clock, redactor, paint)

    def mask(self, secret: str) -> str:
        return mask(secret)


class GithubNarrator:
    """One group a phase, one line a fact. A group begins with its first line: an empty one is never shown.

    The first warnings are annotations too, so that they can be seen without unfolding a group.
    """

    def __init__(self, stream: TextIO, clock: Clock, redactor: Redactor, paint: Paint = as_it_is) -> None:
        self._paint = paint
        self._stream = stream
        self._clock = clock
        self._redactor = redactor
        self._phase = ""
        self._open = False
        self._warnings: list[str] = []
        self._lock = threading.Lock()

    def phase(self, name: str) -> None:
        with self._lock:
            if name != self._phase:
                self._end()
                self._phase = name

    def say(self, text: str) -> None:
        self._write(log_lines(text, self._redactor))

    def command(self, text: str) -> None:
        self.say(text)

    def detail(self, line: str) -> None:
        self._write([f"  {one}" for one in log_lines(line, self._redactor)], "muted")

    def warn(self, text: str) -> None:
        text = self._redactor.clean(text)
        with self._lock:
            annotated = text not in self._warnings and len(self._warnings) < ANNOTATIONS
            if annotated:
                self._warnings.append(text)
                self._stream.write(annotation("warning", text, title=f"ecr-push: {self._phase}".rstrip(": ")))
                self._stream.flush()
        if not annotated:
            self._write([f"warning: {line}" for line in log_lines(text, self._redactor)], "warning")

    def close(self) -> None:
        with self._lock:
            self._end()
            self._stream.flush()

    def _write(self, lines: Iterable[str], meaning: str = "") -> None:
        time = f"{self._clock.now():%H:%M:%SZ}"
        with self._lock:
            if not self._open and self._phase:
                self._stream.write(command("group", self._phase))
                self._open = True
            for line in lines:
                self._stream.write(f"{time} {self._paint(line, meaning)}\n")
            self._stream.flush()

    def _end(self) -> None:
        if self._open:
            self._stream.write(command("endgroup"))
        self._open, self._phase = False, ""
