"""The cache of the engine's builder."""

from __future__ import annotations

import re
import subprocess

from tests.support.command_line import until


def forget(mark: str) -> None:
    """The builder has nothing of the step any more whose command has the mark, as on a fresh machine."""
    prune = ["docker", "buildx", "prune", "--force", "--all", "--filter", f"description~={mark}"]
    # Just after a build the step may still be in use.
    until(lambda: re.search(r"Total:\t(?!0B)", subprocess.check_output(prune, text=True)), "the step is gone")
