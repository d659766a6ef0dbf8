"""The tool's speed, side by side with what nobody can avoid: `python benchmarks/run.py [--check]`.

start-up   ecr-push --help and ecr-push tags, against `python -c pass`
release    ecr-push run in a sandbox whose AWS calls take 150 ms, against `docker buildx build --push`
loopback   the sandbox's own time for a small request, for information

Needs the package installed with its `sandbox` extra beside the interpreter that runs this, git, and for
`release` a Docker engine with buildx. Everything runs on this machine. Figures are medians of runs
that take turns. With --check the exit code is 1 when a limit is broken.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import loopback
import release
import start_up
from timing import Comparison

_ROUNDS = {"start-up": 15, "release": 7}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", metavar="start-up|release|loopback", help="all of them by default")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a limit is broken")
    parser.add_argument("--rounds", type=int, help="runs of each side (15 for start-up, 7 for release)")
    given = parser.parse_args()
    wanted = given.what or ["start-up", "release", "loopback"]
    if unknown := set(wanted) - {*_ROUNDS, "loopback"}:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    holds = True
    with tempfile.TemporaryDirectory(prefix="ecr-push-benchmark-") as scratch:
        for what in wanted:
            folder = Path(scratch) / what
            folder.mkdir()
            rounds = given.rounds or _ROUNDS.get(what, 0)
            if what == "start-up":
                holds &= _tell(start_up.measure(folder, rounds))
            elif what == "release":
                holds &= _tell(release.measure(folder, rounds))
            else:
                for name, seconds in loopback.measure(folder).items():
                    print(f"{name:38} {seconds * 1000:7.2f} ms")
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
    allowed = f"limit {one.limit} = {one.limit.of(one.reference_seconds):.3f} s" if one.limit else ""
    verdict = "holds" if one.holds else "BROKEN"
    return (
        f"{one.name:38} {one.seconds:7.3f} s   {one.reference:27} {one.reference_seconds:7.3f} s   "
        f"{one.ratio:5.2f} x   {allowed}: {verdict}"
    )


def _tell_detail(one: release.Detail) -> None:
    calls = ", ".join(f"{number} {name}" for name, number in one.calls.items())
    phases = ", ".join(f"{name} {seconds:.2f}" for name, seconds in one.phases.items() if seconds >= 0.005)
    print(f"  AWS calls of the last run: {sum(one.calls.values())} ({calls})")
    print(f"  seconds of the last run: {phases}; outside the phases {one.outside:.2f}")
    print(f"  peak memory of the last run: {one.peak_bytes / 1e6:.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
