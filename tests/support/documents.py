"""The documentation's Markdown: its blocks of code, its code spans, its prose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.support.paths import ROOT

DOCUMENTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
}
_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.M | re.S)


def fenced(language: str = "") -> list[tuple[str, str]]:
    """(document, text) of every fenced block of a language."""
    return [
        (name, found[2])
        for name, text in DOCUMENTS.items()
        for found in _FENCE.finditer(text)
        if not language or found[1] == language
    ]


def prose(text: str) -> str:
    return _FENCE.sub("", text)


def code_spans() -> Iterator[tuple[str, str]]:
    for name, text in DOCUMENTS.items():
        for span in re.findall(r"`([^`\n]+)`", prose(text)):
            yield name, span.replace("\\|", "|")
