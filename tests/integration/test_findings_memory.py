"""50,000 findings fit: each part of a run in a process of its own, as the benchmark starts it."""

from __future__ import annotations

import json
import os
import sys

import pytest

from ecr_push.report.formats import RENDERERS
from ecr_push.settings.report_files import FORMATS
from tests.support.benchmarks import FOLDER
from tests.support.measuring import measured
from tests.support.paths import ROOT

MEGABYTES = 300


@pytest.mark.parametrize("part", ["wait", "report"])
def test_50_000_findings_take_bounded_memory(part: str) -> None:
    argv = [sys.executable, FOLDER / "findings.py", part]
    printed = json.loads(measured(argv, ROOT, {**os.environ, "PYTHONPATH": str(ROOT)}).output)
    assert printed["findings"] == 50_000
    assert printed["megabytes"] < MEGABYTES, printed
    if part == "report":
        assert set(printed["reports"]) == set(FORMATS)
        lengths = {name: printed["reports"][name] for name in RENDERERS}
        assert all(length > 500 for length in lengths.values()), lengths
