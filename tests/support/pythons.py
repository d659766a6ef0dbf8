"""Pythons of this machine, and places on the PATH with one of them, and without uv."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

_ASK = "import sys; print('%d %d' % sys.version_info[:2])"


def path_without_uv(folder: Path, *, script: bool = True) -> str:
    """A PATH with this Python, and with what else there is, but for uv.

    script: as pyenv has it. The wrappers start one once more, to find what it starts; a runner has a program.
    """
    folder.mkdir()
    python = folder / "python3"
    if script:
        python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        python.chmod(0o755)
    else:
        python.symlink_to(Path(sys.executable).resolve())
    others = [
        one
        for one in os.environ["PATH"].split(os.pathsep)
        if not (Path(one) / "uv").exists() and Path(one) != Path(sys.executable).parent
    ]
    return os.pathsep.join([str(folder), *others])


def pythons() -> dict[tuple[int, int], Path]:
    """The Pythons of this machine by version: this one, those on the PATH, of pyenv, of a CI's tool cache."""
    places = [
        *(Path(one) for one in os.environ["PATH"].split(os.pathsep)),
        *Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/*/bin"),
        *Path(os.environ.get("RUNNER_TOOL_CACHE", "/nonexistent")).glob("Python/*/*/bin"),
    ]
    found = {sys.version_info[:2]: Path(sys.executable)}
    for path in (path for place in places for path in sorted(place.glob("python[23].*"))):
        if not re.fullmatch(r"python\d\.\d+", path.name):
            continue
        asked = subprocess.run([path, "-c", _ASK], capture_output=True, text=True)
        if not asked.returncode:
            major, minor = asked.stdout.split()
            found.setdefault((int(major), int(minor)), path)
    return found
