"""Where things are in the repository."""

from __future__ import annotations

import shutil
from pathlib import Path

import ecr_push

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(ecr_push.__file__).parent


def path_with(folder: Path, *programs: str) -> str:
    """A PATH with these programs and no others."""
    folder.mkdir()
    for name in programs:
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    return str(folder)
