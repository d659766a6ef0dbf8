"""The colours of text, in one table, and whether a stream gets them.

`NO_COLOR` (https://no-color.org), `FORCE_COLOR` (https://force-color.org), `CLICOLOR` and `CLICOLOR_FORCE`
(https://bixense.com/clicolors) are read as other programs read them: a CI's log is not a terminal, and shows
colours where it is asked to.
"""

from __future__ import annotations

from collections.abc import Mapping

# A meaning -> how it looks, in the words of rich, which draws the live log.
PALETTE: Mapping[str, str] = {
    "good": "bold green",
    "bad": "bold red",
    "unsure": "bold yellow",
    "warning": "bold yellow",
    "phase": "bold cyan",
    "muted": "dim",
    "critical": "bold magenta",
    "high": "red",
    "medium": "yellow",
    "low": "blue",
}
_SGR = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36}


def painted(text: str, meaning: str) -> str:
    """Returns text in the colour of a meaning (ECMA-48: SGR); as it is where the table has none."""
    words = PALETTE.get(meaning, "")
    if not words or not text:
        return text
    return f"\x1b[{';'.join(str(_SGR[word]) for word in words.split())}m{text}\x1b[0m"


def wants_colour(environ: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Whether a stream gets colours. NO_COLOR counts before what forces them."""
    if environ.get("NO_COLOR"):
        return False
    if _is_on(environ.get("FORCE_COLOR", "")) or _is_on(environ.get("CLICOLOR_FORCE", "")):
        return True
    return is_terminal and environ.get("TERM") != "dumb" and environ.get("CLICOLOR") != "0"


def _is_on(value: str) -> bool:
    return value.lower() not in ("", "0", "false")
