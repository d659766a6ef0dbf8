"""What 50,000 findings cost the processor, against reading AWS's answers as JSON."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from given import Given
from timing import Comparison, Limit, Took, by_turns, median
from world import PYTHON, environment

PROGRAM = Path(__file__).with_name("findings.py")
_REFERENCE = "their answers as JSON"
# Measured: 0.8 and 2.6.
_LIMITS = {"wait": Limit(1.5), "report": Limit(4)}
_NAMES = {"wait": "50,000 findings through the wait", "report": "the same judged, in every report"}


def measure(given: Given) -> Iterator[Comparison]:
    """One comparison a part; the seconds are those that the parts themselves tell."""
    programs = {part: _program(part, given.folder) for part in ("json", *_LIMITS)}
    taken = by_turns(programs, given.rounds)
    for part, limit in _LIMITS.items():
        yield Comparison(_NAMES[part], _REFERENCE, median(taken[part]), median(taken["json"]), limit)


def _program(part: str, folder: Path) -> Callable[[], Took]:
    def run() -> Took:
        environ = environment(PYTHONPATH=str(PROGRAM.parents[1]))
        done = subprocess.run(
            (PYTHON, PROGRAM, part), cwd=folder, env=environ, check=True, stdout=subprocess.PIPE
        )
        measured = json.loads(done.stdout)
        return Took(measured["seconds"], measured["megabytes"] * 1_000_000)

    return run
