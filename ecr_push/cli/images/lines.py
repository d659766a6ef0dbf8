"""The log of several runs on one standard error: each line says which image it is of."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TextIO

# Commands to GitHub's runner that hold for the line alone. A group would begin within another image's.
_COMMANDS = ("::error", "::warning", "::notice", "::add-mask", "::debug")
_GROUPS = ("::group::", "::endgroup::")


class Lines:
    """Writes whole lines, of several threads. commands: whether the CI reads commands in the log."""

    def __init__(self, stream: TextIO, names: list[str], *, commands: bool) -> None:
        self._stream = stream
        self._width = max(map(len, names), default=0)
        self._commands = commands
        self._lock = threading.Lock()

    def of(self, name: str) -> Callable[[str], None]:
        """Writes a line of that image's run, which is clean already."""

        def write(line: str) -> None:
            if self._commands and line.startswith("::"):
                if line.startswith(_GROUPS):
                    if not (line := line.partition("::group::")[2]):
                        return None
                elif line.startswith(_COMMANDS):
                    return self._write(line)
            return self._write(f"{name:<{self._width}} | {line}".rstrip())

        return write

    def say(self, line: str) -> None:
        """Writes a line of the command itself."""
        self._write(line)

    def _write(self, line: str) -> None:
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()
