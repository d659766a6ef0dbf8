"""A git of the test's own, first in PATH: it is git, but for one call that it holds, refuses or loses."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Literal

Mode = Literal["before", "after", "refuse", "lose"]

# A shell's own `read` holds it, so that the shim is the child that has to end, and no other program.
_SCRIPT = """#!/bin/sh
folder={folder}
if [ -e "$folder/armed" ]; then
  read -r mode word < "$folder/armed"
  case " $* " in *" $word "*)
    rm "$folder/armed"
    case $mode in
      before) : > "$folder/arrived"; read -r _ < "$folder/gate" ;;
      after) {git} "$@"; code=$?; : > "$folder/arrived"; read -r _ < "$folder/gate"; exit $code ;;
      refuse) : > "$folder/arrived"; echo "fatal: unable to access the repository" >&2; exit 128 ;;
      lose) {git} "$@" > /dev/null 2>&1; : > "$folder/arrived"
        echo "fatal: the remote end hung up unexpectedly" >&2; exit 128 ;;
    esac ;;
  esac
fi
exec {git} "$@"
"""


class GitShim:
    """Works once `folder` is first in PATH."""

    def __init__(self, folder: Path) -> None:
        git = shutil.which("git")
        assert git
        folder.mkdir(parents=True)
        self.folder = folder
        program = folder / "git"
        program.write_text(_SCRIPT.format(folder=folder, git=git))
        program.chmod(0o755)
        os.mkfifo(folder / "gate")

    def arm(self, mode: Mode, word: str) -> None:
        """The next call with this word among its arguments is held or fails."""
        (self.folder / "armed").write_text(f"{mode} {word}\n")

    @property
    def arrived(self) -> bool:
        return (self.folder / "arrived").exists()

    def release(self) -> None:
        """Let a held call go on; nothing where none waits."""
        (self.folder / "armed").unlink(missing_ok=True)
        try:
            gate = os.open(self.folder / "gate", os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # no one reads
            return
        os.write(gate, b"\n")
        os.close(gate)
