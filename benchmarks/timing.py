"""Interleaved runs and their medians: A B A B …, so that a busy minute of the machine falls on both."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Took:
    """One run of a program. seconds of wall time; peak_bytes of memory that was resident at once, in the
    program itself, its children not counted."""

    seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class Limit:
    """What may not be exceeded: so many times the reference's median, and so many seconds on top."""

    times: float
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.times:g} x" + (f" + {self.seconds:g} s" if self.seconds else "")

    def of(self, reference: float) -> float:
        return self.times * reference + self.seconds


@dataclass(frozen=True)
class Comparison:
    """The medians of two programs that ran by turns, in seconds. Without a limit it only informs."""

    name: str
    reference: str
    seconds: float
    reference_seconds: float
    limit: Limit | None = None

    @property
    def ratio(self) -> float:
        return self.seconds / self.reference_seconds

    @property
    def holds(self) -> bool:
        return self.limit is None or self.seconds <= self.limit.of(self.reference_seconds)


def run(argv: Sequence[str], folder: Path, environ: Mapping[str, str]) -> Took:
    """Runs a program to its end. Raises RuntimeError with its last lines where it fails."""
    began = time.perf_counter()
    with subprocess.Popen(
        argv, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as program:
        assert program.stdout is not None
        said = program.stdout.read()
        _, status, usage = os.wait4(program.pid, 0)
        seconds = time.perf_counter() - began
        program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode:
        raise RuntimeError(f"{' '.join(argv)} ended with {program.returncode}:\n{said[-3000:]}")
    return Took(seconds, usage.ru_maxrss * 1024)  # Linux counts kilobytes


def by_turns(programs: Mapping[str, Callable[[], Took]], rounds: int) -> dict[str, list[Took]]:
    """Every program once to warm up, which does not count, then once in each round."""
    for program in programs.values():
        program()
    taken: dict[str, list[Took]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            taken[name].append(program())
    return taken


def median(taken: Sequence[Took]) -> float:
    return statistics.median(one.seconds for one in taken)
