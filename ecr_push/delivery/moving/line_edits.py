"""Changes of a file by its lines; all others stay as they are, with their line ends. Pure."""

from __future__ import annotations

from collections.abc import Iterable


class LineEdits:
    """Numbers of lines are those of the text, from 1."""

    def __init__(self, text: str) -> None:
        self.original = text
        self._ends = "\r\n" if "\r\n" in text else "\n"
        self._lines = text.splitlines()
        self._gone: set[int] = set()
        self._before: dict[int, list[str]] = {}

    def __getitem__(self, number: int) -> str:
        return self._lines[number - 1]

    def __len__(self) -> int:
        return len(self._lines)

    def indent(self, number: int) -> str:
        line = self[number]
        return line[: len(line) - len(line.lstrip())]

    def replace(self, number: int, old: str, new: str) -> None:
        """Of a text in a line each place."""
        self._lines[number - 1] = self._lines[number - 1].replace(old, new)

    def remove(self, first: int, last: int) -> None:
        self._gone.update(range(first, last + 1))

    def is_removed(self, number: int) -> bool:
        return number in self._gone

    def insert(self, number: int, lines: Iterable[str]) -> None:
        """Before a line; one more than there are is the end. Later ones come after earlier ones."""
        self._before.setdefault(number, []).extend(lines)

    def insert_first(self, number: int, lines: Iterable[str]) -> None:
        """As insert, before what was inserted there earlier."""
        self._before[number] = [*lines, *self._before.get(number, [])]

    def has_inserted(self, first: int, last: int) -> bool:
        """Whether something was inserted before one of the lines."""
        return any(first <= number <= last for number in self._before)

    def text(self) -> str:
        found: list[str] = []
        for number in range(1, len(self._lines) + 2):
            found += self._before.get(number, [])
            if number <= len(self._lines) and number not in self._gone:
                found.append(self._lines[number - 1])
        return "".join(line + self._ends for line in found)
