"""The tool's speed, side by side with the minimum: `python benchmarks/run.py [--check]`.

start-up   ecr-push --help and ecr-push tags, against `python -c pass`
history    reading 50,000 commits and 10,000 tags, against git's own describe and log
findings   50,000 findings through the wait, the judgement and every report, against reading them as JSON
install    the GitHub Action until it is there, against installing its packages alone
release    ecr-push run in a sandbox whose AWS calls take 150 ms, against `docker buildx build --push`
interrupt  the end of a run at SIGTERM while it builds, against that of `docker buildx build`
loopback   a small request to the sandbox, against one to Python's own http.server

Needs the package installed with its `sandbox` extra beside the interpreter that runs this, git, for
`release` and `interrupt` a Docker engine with buildx, and for `install` a package index. All else is on this
machine. Figures are medians of runs that take turns, so a busy machine slows both sides. With --check the
exit code is 1 when a limit is broken.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import history
import install
import interrupt
import loopback
import many_findings
import release
import start_up
from timing import Comparison

_Measure = Callable[[Path, int], Iterable[Comparison | release.Detail]]
# What to measure, and how many runs of each side.
BENCHMARKS: Mapping[str, tuple[_Measure, int]] = {
    "start-up": (start_up.measure, 15),
    "history": (history.measure, 5),
    "findings": (many_findings.measure, 3),
    "install": (install.measure, 3),
    "release": (release.measure, 7),
    "interrupt": (interrupt.measure, 5),
    "loopback": (loopback.measure, 300),
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", metavar="|".join(BENCHMARKS), help="all of them by default")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a limit is broken")
    parser.add_argument(
        "--rounds", type=int, help="runs of each side, in place of the benchmark's own number"
    )
    given = parser.parse_args()
    if unknown := set(given.what) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    holds = True
    with tempfile.TemporaryDirectory(prefix="ecr-push-benchmark-") as scratch:
        for what in given.what or BENCHMARKS:
            folder = Path(scratch) / what
            folder.mkdir()
            measure, rounds = BENCHMARKS[what]
            holds &= _tell(measure(folder, given.rounds or rounds))
    return 0 if holds or not given.check else 1


def _tell(results: Iterable[Comparison | release.Detail]) -> bool:
    holds = True
    for one in results:
        if isinstance(one, Comparison):
            print(_line(one))
            holds &= one.holds
        else:
            _tell_detail(one)
        sys.stdout.flush()
    return holds


def _line(one: Comparison) -> str:
    verdict = "for information"
    if one.limit:
        allowed = f"limit {one.limit} = {one.limit.of(one.reference_seconds):.4g} s"
        verdict = f"{allowed}: {'holds' if one.holds else 'BROKEN'}"
    return (
        f"{one.name:42} {one.seconds:8.4f} s   {one.reference:27} {one.reference_seconds:8.4f} s   "
        f"{one.ratio:5.2f} x   {verdict}"
    )


def _tell_detail(one: release.Detail) -> None:
    calls = ", ".join(f"{number} {name}" for name, number in one.calls.items())
    phases = ", ".join(f"{name} {seconds:.2f}" for name, seconds in one.phases.items() if seconds >= 0.005)
    print(f"  AWS calls of the last run: {sum(one.calls.values())} ({calls})")
    print(f"  seconds of the last run: {phases}; outside the phases {one.outside:.2f}")
    print(f"  peak memory of the last run: {one.peak_bytes / 1e6:.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
