"""BuildKit's plain log -> what a terminal's live line shows: the step that works, and what it said last."""

from __future__ import annotations

from ecr_push.base.regex import lazy_regex

_LINE = lazy_regex(r"#(\d+) (?:\d+\.\d+ )?(.*)")  # a step's own output has its seconds before it
_LONGEST = 48  # characters of a step's name, so that something is left for what it said


class LiveSteps:
    """Remembers the names of the steps, which their later lines have by number alone."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def line(self, text: str) -> str:
        """`#7 1.2 compiling` -> `[build 2/4] RUN make: compiling`."""
        found = _LINE.match(text)
        if not found:
            return text
        number, words = found.groups()
        if number == "0":  # another build begins, whose steps are numbered from there
            self._names.clear()
        if number not in self._names:
            self._names[number] = words
            return words
        name = self._names[number]
        if words == name:
            return name
        return f"{name if len(name) <= _LONGEST else f'{name[: _LONGEST - 1]}…'}: {words}"
