"""Tables of cases as files: a case a line, columns divided by tabs. Lines that begin with `#` are remarks."""

from __future__ import annotations

from pathlib import Path


def read_table(path: Path) -> list[list[str]]:
    r"""The cases; `\n` in a column is a line break."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [
        [column.replace(r"\n", "\n") for column in line.split("\t")]
        for line in lines
        if not line.startswith("#")
    ]
