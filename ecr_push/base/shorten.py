"""Text from elsewhere, cut to what a log can hold: AWS, BuildKit and files can say a megabyte in one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

LONGEST_LINE = 2_000  # characters
MOST_LINES = 100  # of one message
LONGEST_TEXT = 16_000  # characters of one message
LISTED = 50  # mistakes at once; one fixes these first


def shorten(text: str, longest: int = LONGEST_LINE) -> str:
    """A text without its end where it is too long, and how much that is."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest:,} characters more)"


def shorten_lines(text: str) -> str:
    """A text of several lines: each line cut, and lines in the middle left out.

    A list of mistakes begins with the first of them; the output of a program ends with why it failed.
    """
    if len(text) <= LONGEST_LINE and text.count("\n") < MOST_LINES:
        return text
    lines = text.splitlines()
    half = MOST_LINES // 2
    head = _that_fit(lines[:half])
    tail = _that_fit(lines[half:][: -half - 1 : -1])[::-1]
    return "\n".join([*head, *_more(len(lines) - len(head) - len(tail), "line"), *tail])


def _that_fit(lines: Iterable[str]) -> list[str]:
    """The first of these lines, each cut: half a message at most."""
    kept: list[str] = []
    left = LONGEST_TEXT // 2
    for line in map(shorten, lines):
        left -= len(line)
        if left < 0:
            break
        kept.append(line)
    return kept


def first_of(problems: Sequence[str]) -> Iterable[str]:
    """The first of many mistakes, each cut, and how many there are besides."""
    return chain((shorten(one) for one in problems[:LISTED]), _more(len(problems) - LISTED, "mistake"))


def middle_out(text: str, head: int = 16_000, tail: int = 48_000) -> str:
    """A long traceback without its middle: it begins with where it came from, and ends with the cause."""
    if len(text) <= head + tail:
        return text
    return f"{text[:head]}\n… ({len(text) - head - tail:,} characters more)\n{text[-tail:]}"


def _more(number: int, what: str) -> list[str]:
    return [f"… ({number:,} {what}{'' if number == 1 else 's'} more)"] if number > 0 else []
