"""50,000 findings fit: measured in a process of their own, by the benchmark itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_fifty_thousand_findings_are_read_in_bounded_time_and_memory() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "findings.py"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
