"""Interleaved runs and their medians: A B A B …, so that a busy minute of the machine falls on both."""

from __future__ import annotations

import os
import re
import select
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Took:
    """One run of a program. seconds of wall time; of the program itself, its children not counted, peak_bytes
    of memory that was resident at once, and the seconds of the processor. 0 is not measured."""

    seconds: float
    peak_bytes: int = 0
    processor_seconds: float = 0.0


@dataclass(frozen=True)
class Limit:
    """What may not be exceeded: so many times the reference's figure, and so many seconds on top."""

    times: float
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.times:g} x" + (f" + {self.seconds:g} s" if self.seconds else "")

    def of(self, reference: float) -> float:
        return self.times * reference + self.seconds


@dataclass(frozen=True)
class Comparison:
    """The figures of two programs that ran by turns, medians unless the name says otherwise. Without a limit
    it only informs."""

    name: str
    reference: str
    figure: float
    reference_figure: float
    limit: Limit | None = None
    unit: str = "s"

    @property
    def ratio(self) -> float:
        return self.figure / self.reference_figure

    @property
    def holds(self) -> bool:
        return self.limit is None or self.figure <= self.limit.of(self.reference_figure)


def run(argv: Sequence[str], folder: Path, environ: Mapping[str, str]) -> Took:
    """Runs a program to its end. Raises RuntimeError with its last lines where it fails."""
    began = time.perf_counter()
    said, peak = bytearray(), 0
    with subprocess.Popen(
        argv,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as program:
        assert program.stdout is not None
        while True:
            peak = max(peak, _peak_bytes(program.pid))
            if select.select([program.stdout], [], [], _LOOK_SECONDS)[0]:
                if not (piece := os.read(program.stdout.fileno(), 1 << 16)):
                    break
                said += piece
        os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOWAIT)
        seconds = time.perf_counter() - began
        processor = _processor_seconds(program.pid)
    if program.returncode:
        last = said[-3000:].decode(errors="replace")
        raise RuntimeError(f"{' '.join(argv)} ended with {program.returncode}:\n{last}")
    return Took(seconds, peak, processor)


# What wait4 gives has the children in it that the program has waited for: docker takes more than we do.
# https://man7.org/linux/man-pages/man5/proc_pid_status.5.html, …/proc_pid_stat.5.html
def _peak_bytes(pid: int) -> int:
    """The most memory that a process had until now; 0 where it has none any more."""
    found = re.search(r"^VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _processor_seconds(pid: int) -> float:
    """Of a process that has ended and has not been waited for, in user and system mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def by_turns(programs: Mapping[str, Callable[[], Took]], rounds: int) -> dict[str, list[Took]]:
    """Every program once to warm up, which does not count, then once in each round."""
    for program in programs.values():
        program()
    taken: dict[str, list[Took]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            taken[name].append(program())
    return taken


def median(taken: Iterable[Took]) -> float:
    return statistics.median(one.seconds for one in taken)


def processor(taken: Iterable[Took]) -> float:
    """The median of the processor's seconds."""
    return statistics.median(one.processor_seconds for one in taken)


def megabytes(taken: Iterable[Took]) -> float:
    """The median of the peaks of memory."""
    return statistics.median(one.peak_bytes for one in taken) / 1e6


def best(taken: Iterable[Took]) -> float:
    return min(one.seconds for one in taken)
