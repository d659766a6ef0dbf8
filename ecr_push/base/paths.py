"""Checks paths of a checkout: it must not make us show or overwrite files outside of it.

The checkout may be from a fork, with links to files of the user who runs this. Overwriting them can be an
attack: a shell executes its start-up file, and a report contains text from others.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

CONFIG_FILE_NAME = "ecr-push.yml"


def outside_of_here(value: str | Sequence[str]) -> str:
    """Returns the first report, FILE or FORMAT=FILE, whose path is not below the working directory, or ""."""
    for text in [value] if isinstance(value, str) else value:
        name, equals, path = text.partition("=")
        path = path if equals and name.isalnum() else text
        if Path.cwd() not in named_path(Path(path)).parents:
            return path
    return ""


def is_led_out(file: Path, checkout: Path) -> bool:
    """Whether a link in the checkout or in the working directory makes file point outside of it."""
    within = [one for one in (Path.cwd(), named_path(checkout)) if one in named_path(file).parents]
    return any(one.resolve() not in file.resolve().parents for one in within)


def named_path(path: Path) -> Path:
    """The absolute path, without following links."""
    return Path(os.path.normpath(path.absolute()))
