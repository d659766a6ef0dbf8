"""The benchmarks as modules: tests hold what is in them besides time."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from tests.support.paths import ROOT

FOLDER = ROOT / "benchmarks"


def benchmark(name: str) -> Any:
    """A module of benchmarks/, which is a folder of programs and no package."""
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
    return importlib.import_module(name)
