"""What became of each line of a file, for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.delivery.moving.model import Fate, Line, Moved

_ORDER: tuple[tuple[Fate, str], ...] = (
    ("became", "taken over"),
    ("not needed", "not needed any more"),
    ("kept", "kept as it is"),
    ("no equal", "without an equal: look at these"),
    ("unsafe", "unsafe, as before: look at these"),
)
_LONGEST = 60


def line_report(path: str, moved: Moved) -> Iterator[str]:
    """The lines by what became of them: those that need the user last, where they are read."""
    for fate, title in _ORDER:
        lines = list(moved.by_fate(fate))
        if lines:
            yield f"{title}:"
            yield from (f"  {path}:{one.number}: {_line(one)}" for one in lines)


def _line(line: Line) -> str:
    text = " ".join(line.text.split())
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    became = f" -> {line.became}" if line.became else ""
    why = f" ({line.why})" if line.why else ""
    return f"{text}{became}{why}"
