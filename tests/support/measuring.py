"""The memory of a program, measured beside the large process that a test run is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = Path(__file__).with_name("measured.py")


@dataclass(frozen=True)
class Measured:
    """A program that succeeded: its peak kilobytes, and what it wrote."""

    kilobytes: int
    output: str


def measured(argv: Sequence[str | Path], folder: Path, env: Mapping[str, str]) -> Measured:
    """Runs a program, which must succeed."""
    done = subprocess.run(
        (sys.executable, _PROGRAM, *argv), cwd=folder, env=env, check=True, capture_output=True, text=True
    )
    result = json.loads(done.stdout)
    assert result.pop("status") == 0, (argv, result["output"], done.stderr)
    return Measured(**result)
