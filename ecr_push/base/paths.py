"""Where a checkout's paths lead: what is built must not have us show or write over something else.

The checkout may be an outsider's, with links in it to files of whoever runs this: what a shell starts with is
a program, and a report has texts in it that others wrote.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

CONFIG_FILE_NAME = "ecr-push.yml"


def outside_of_here(value: str | Sequence[str]) -> str:
    """The first of some reports, FILE or FORMAT=FILE, that is not below the working directory by its path."""
    for text in [value] if isinstance(value, str) else value:
        name, equals, path = text.partition("=")
        path = path if equals and name.isalnum() else text
        if Path.cwd() not in _named(Path(path)).parents:
            return path
    return ""


def is_led_out(file: Path, checkout: Path) -> bool:
    """Whether a link in the checkout, or in the working directory, leads file out of it."""
    within = [one for one in (Path.cwd(), _named(checkout)) if one in _named(file).parents]
    return any(one.resolve() not in file.resolve().parents for one in within)


def _named(path: Path) -> Path:
    """The absolute path as it is named: no link is followed."""
    return Path(os.path.normpath(path.absolute()))
