"""What BuildKit repeats when a step has failed: the end of its output, the Dockerfile's lines. Pure.

    ------
     > [2/2] RUN make:
    0.186 make: *** No rule
    ------
    Dockerfile:2
    …
    ERROR: failed to build: …

The error of a run shows it, so the log, which had the output already, does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

from ecr_push.base.regex import lazy_regex

_RULE = "------"  # a step's own output has its number before it
_HEAD = " > ["
_FAILED_LINE = lazy_regex(r" *\d+ \| >>> ")
_EXIT_CODE = lazy_regex(r"exit code: \d+$")
_SHOWN_LINES = 15
_MOST_LINES = 60


def without_recap(tell: Callable[[str], None]) -> Callable[[str], None]:
    """Hands lines on as they come, up to the recap."""
    is_over = False

    def line_by_line(line: str) -> None:
        nonlocal is_over
        is_over = is_over or line == _RULE
        if not is_over:
            tell(line)

    return line_by_line


def recap(output: Sequence[str]) -> list[str]:
    """The recap; where BuildKit has none, the last lines."""
    begin = output.index(_RULE) if _RULE in output else len(output)
    return list(output[begin:][-_MOST_LINES:] or output[-_SHOWN_LINES:])


def essence(lines: Sequence[str]) -> list[str]:
    """The recap without what a headline says that has the step, its line and its exit code.

    That is the step's own output, the lines of a step that has several, and an error that is more than an
    exit code.
    """
    heads = [number for number, line in enumerate(lines) if line.startswith(_HEAD)]
    said = takewhile(lambda line: line != _RULE, lines[heads[-1] + 1 :] if heads else ())
    step = [line for line in lines if _FAILED_LINE.match(line)]
    errors = [line for line in lines if line.startswith("ERROR: ") and not _EXIT_CODE.search(line)]
    return [*said, *(step if len(step) > 1 else ()), *errors]
