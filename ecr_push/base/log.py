"""The log of a run, on standard error.

Standard output belongs to the result. Everything that logs is given a `Narrator`; on a terminal it is live,
elsewhere it writes one line with a timestamp for each fact.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TextIO

from ecr_push.base.addresses import without_passwords
from ecr_push.base.clock import Clock
from ecr_push.base.regex import lazy_regex
from ecr_push.base.shorten import shorten_lines

if TYPE_CHECKING:
    from rich.text import Text


# Gives text the colour of a meaning, one of `palette.PALETTE`.
Paint = Callable[[str, str], str]


def as_it_is(text: str, meaning: str) -> str:
    """Paints nothing: for files, and for logs without colours."""
    return text


class Narrator(Protocol):
    def phase(self, name: str) -> None:
        """A phase of the run begins, such as `build`."""
        ...

    def say(self, text: str) -> None:
        """A fact that stays in the log."""
        ...

    def warn(self, text: str) -> None: ...

    def command(self, text: str) -> None:
        """A command that is run. All of it is in a log; a terminal shows one line of it."""
        ...

    def detail(self, line: str) -> None:
        """A line of another program's output, or a state that the next one replaces."""
        ...

    def close(self) -> None: ...


class Redactor:
    """Removes secrets from text, and the users of addresses. Every secret is added before it is used.

    announce: called once with each added secret, before anything else is printed, so that a CI can hide it.
    known:    secrets that need no announcement.
    """

    def __init__(
        self, announce: Callable[[str], None] = lambda secret: None, known: Sequence[str] = ()
    ) -> None:
        self._secrets: tuple[str, ...] = tuple(known)
        self._announce = announce

    def add(self, *secrets: str) -> None:
        for secret in secrets:
            if secret and secret not in self._secrets:
                self._announce(secret)
                self._secrets += (secret,)

    def clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[redacted]")
        return without_passwords(text)


def visible(text: str) -> str:
    """Removes control characters, and breaks the `##[` and `##vso[` that CIs read as commands anywhere in a
    line, so that text from outside controls neither the terminal nor the CI.
    """
    if not text.isprintable():
        text = _ESCAPES.sub("", text)
        text = "".join(
            char if char.isprintable() else " " if char == "\t" else "\N{REPLACEMENT CHARACTER}"
            for char in text
        )
    return _COMMAND.sub("# #", text) if "##" in text else text


def log_lines(text: str, redactor: Redactor) -> list[str]:
    """A message as the lines that a log shows: no secret, no control character, and not too long."""
    # Cut last: of half a secret nothing would be known.
    return [visible(line) for line in shorten_lines(redactor.clean(text)).splitlines()] or [""]


# Colours, titles and links in the output of programs (ECMA-48: CSI, OSC).
_ESCAPES = lazy_regex(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")

# Of GitHub's runner, and of Azure Pipelines and TeamCity: ##[error], ##vso[task.complete], ##teamcity[…]
_COMMAND = lazy_regex(r"##(?=\w*\[)")


class PlainNarrator:
    """Writes one line for each fact: time in UTC, phase, text."""

    def __init__(self, stream: TextIO, clock: Clock, redactor: Redactor, paint: Paint = as_it_is) -> None:
        self._paint = paint
        self._stream = stream
        self._clock = clock
        self._redactor = redactor
        self._phase = ""
        self._lock = threading.Lock()

    def phase(self, name: str) -> None:
        self._phase = name

    def say(self, text: str) -> None:
        self._write(text)

    def warn(self, text: str) -> None:
        self._write(f"warning: {text}", "warning")

    def command(self, text: str) -> None:
        self._write(text)

    def detail(self, line: str) -> None:
        self._write(f"  {line}", "muted")

    def close(self) -> None:
        self._stream.flush()

    def _write(self, text: str, meaning: str = "") -> None:
        time = f"{self._clock.now():%H:%M:%SZ}"
        with self._lock:
            phase = self._paint(f"{self._phase:<8}", "phase")
            for line in log_lines(text, self._redactor):
                self._stream.write(f"{time} {phase} {self._paint(line, meaning)}\n")
            self._stream.flush()


class QuietNarrator:
    """Writes warnings only."""

    def __init__(self, inner: Narrator) -> None:
        self._inner = inner

    def phase(self, name: str) -> None:
        self._inner.phase(name)

    def say(self, text: str) -> None: ...

    def command(self, text: str) -> None: ...

    def detail(self, line: str) -> None: ...

    def warn(self, text: str) -> None:
        self._inner.warn(text)

    def close(self) -> None:
        self._inner.close()


class OnceNarrator:
    """For work that may begin again: what it warned of before, it does not warn of once more. Thread-safe."""

    def __init__(self, inner: Narrator) -> None:
        self._inner = inner
        self._warned: tuple[str, ...] = ()
        self._before: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def begin_again(self) -> None:
        with self._lock:
            self._before = frozenset(self._warned)

    def phase(self, name: str) -> None:
        self._inner.phase(name)

    def say(self, text: str) -> None:
        self._inner.say(text)

    def command(self, text: str) -> None:
        self._inner.command(text)

    def detail(self, line: str) -> None:
        self._inner.detail(line)

    def warn(self, text: str) -> None:
        with self._lock:
            self._warned += (text,)
            is_known = text in self._before
        if not is_known:
            self._inner.warn(text)

    def close(self) -> None:
        self._inner.close()


class LiveNarrator:
    """For a terminal: facts stay, the current detail is one line with a spinner and the time spent."""

    def __init__(
        self,
        stream: TextIO,
        clock: Clock,
        redactor: Redactor,
        shown: Callable[[str], str] = lambda line: line,
    ) -> None:
        """shown: what the live line says of a detail, which has no secret in it any more."""
        from rich.console import Console

        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._clock = clock
        self._redactor = redactor
        self._shown = shown
        self._phase = ""
        self._detail = ""
        self._began = clock.monotonic()
        self._status = self._console.status(self, spinner="dots")
        self._status.start()

    def __rich__(self) -> Text:
        """The live line; drawn several times a second, so that its clock goes on."""
        from rich.text import Text

        seconds = self._clock.monotonic() - self._began
        room = max(20, self._console.width - 24)
        return Text.assemble(
            (f"{self._phase:<8} ", "bold"), (f"{seconds:4.0f} s  ", "dim"), self._detail[:room], no_wrap=True
        )

    def phase(self, name: str) -> None:
        self._phase, self._detail, self._began = name, "", self._clock.monotonic()

    def say(self, text: str) -> None:
        self._print(text, "phase")

    def warn(self, text: str) -> None:
        self._print(f"warning: {text}", "warning")

    def command(self, text: str) -> None:
        self._print(text, "phase", whole=False)

    def detail(self, line: str) -> None:
        # Redacted first: of half a secret nothing would be known.
        self._detail = self._shown(" ".join(log_lines(line, self._redactor)).strip())

    def close(self) -> None:
        self._status.stop()

    def _print(self, text: str, meaning: str, *, whole: bool = True) -> None:
        from rich.text import Text

        from ecr_push.base.palette import PALETTE

        style = PALETTE[meaning]
        for line in log_lines(text, self._redactor):
            shown = Text.assemble((f"{self._phase:<8} ", style), line)
            if not whole:
                shown.truncate(self._console.width, overflow="ellipsis")
            self._console.print(shown)
