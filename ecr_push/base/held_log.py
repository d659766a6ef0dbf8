"""A log of something that runs beside the present phase: its lines follow when its own phase begins."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from ecr_push.base.log import Narrator

KEPT_LINES = 2000


class HeldNarrator:
    """See `Narrator`. Keeps the last lines until `let_go`, and hands on each one at once afterwards."""

    def __init__(self, inner: Narrator) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self._kept: deque[Callable[[], None]] | None = deque(maxlen=KEPT_LINES)

    def let_go(self) -> None:
        with self._lock:
            for tell in self._kept or ():
                tell()
            self._kept = None

    def phase(self, name: str) -> None:
        self._tell(lambda: self._inner.phase(name))

    def say(self, text: str) -> None:
        self._tell(lambda: self._inner.say(text))

    def warn(self, text: str) -> None:
        self._tell(lambda: self._inner.warn(text))

    def command(self, text: str) -> None:
        self._tell(lambda: self._inner.command(text))

    def detail(self, line: str) -> None:
        self._tell(lambda: self._inner.detail(line))

    def close(self) -> None:
        self._inner.close()

    def _tell(self, tell: Callable[[], None]) -> None:
        with self._lock:
            if self._kept is not None:
                self._kept.append(tell)
                return
        tell()
