"""What a program took, measured beside the large process that a test run is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MEASURED = Path(__file__).with_name("measured.py")


@dataclass(frozen=True)
class Took:
    seconds: float
    kilobytes: int
    output: str


def took(argv: Sequence[str | Path], folder: Path, env: Mapping[str, str]) -> Took:
    """Seconds, peak kilobytes and output of a program that must succeed."""
    done = subprocess.run(
        (sys.executable, MEASURED, *argv), cwd=folder, env=env, check=True, capture_output=True, text=True
    )
    told = json.loads(done.stdout)
    assert told.pop("status") == 0, (argv, told["output"], done.stderr)
    return Took(**told)
