"""A log in which each line names what it is about: of several things that happen at the same time."""

from __future__ import annotations

from ecr_push.base.log import Narrator


class PrefixedNarrator:
    """See `Narrator`. Phases are those of the run: they are not passed on."""

    def __init__(self, inner: Narrator, name: str) -> None:
        self._inner = inner
        self._name = name

    def phase(self, name: str) -> None: ...

    def say(self, text: str) -> None:
        self._inner.say(f"{self._name}: {text}")

    def warn(self, text: str) -> None:
        self._inner.warn(f"{self._name}: {text}")

    def command(self, text: str) -> None:
        self._inner.command(f"{self._name}: {text}")

    def detail(self, line: str) -> None:
        self._inner.detail(f"{self._name}: {line}")

    def close(self) -> None: ...
