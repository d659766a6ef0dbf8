"""Places on the PATH with one Python, and without uv."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def path_without_uv(folder: Path) -> str:
    """A PATH with this Python, and with what else there is, but for uv."""
    folder.mkdir()
    python = folder / "python3"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    others = [
        one
        for one in os.environ["PATH"].split(os.pathsep)
        if not (Path(one) / "uv").exists() and Path(one) != Path(sys.executable).parent
    ]
    return os.pathsep.join([str(folder), *others])
