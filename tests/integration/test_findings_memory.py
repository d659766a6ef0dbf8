"""50,000 findings fit: measured in a process of their own, by the benchmark itself."""

from __future__ import annotations

import os
import sys

from tests.support.measuring import took
from tests.support.paths import ROOT


def test_fifty_thousand_findings_are_read_in_bounded_time_and_memory() -> None:
    took([sys.executable, ROOT / "benchmarks" / "findings.py"], ROOT, {**os.environ, "PYTHONPATH": str(ROOT)})
