"""How paths are named, without following a link. What links in a checkout may lead to: see `fences.py`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

CONFIG_FILE_NAME = "ecr-push.yml"
GIT_FOLDER = ".git"


def outside_of_here(value: str | Sequence[str]) -> str:
    """Returns the first report, FILE or FORMAT=FILE, whose path is not below the working directory, or ""."""
    for text in [value] if isinstance(value, str) else value:
        name, equals, path = text.partition("=")
        path = path if equals and name.isalnum() else text
        named = named_path(Path(path))
        if Path.cwd() not in named.parents or is_gits_own(named.relative_to(Path.cwd())):
            return path
    return ""


def is_gits_own(path: Path) -> bool:
    """Whether path is named as one in git's own folder, where hooks are, and where a runner keeps a token."""
    return any(part.casefold() == GIT_FOLDER for part in path.parts)


def find_top(folder: Path) -> Path | None:
    """The nearest folder with a `.git`, the folder itself or one above; git is not started."""
    return next((above for above in (folder, *folder.parents) if _has_git(above)), None)


def _has_git(folder: Path) -> bool:
    try:
        return (folder / GIT_FOLDER).exists()
    except OSError:  # a folder above that is closed to us
        return False


def named_path(path: Path) -> Path:
    """The absolute path, without following links."""
    return Path(os.path.normpath(path.absolute()))
