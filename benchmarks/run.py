"""The tool's speed, side by side with the minimum: `python benchmarks/run.py [--check]`.

start-up   ecr-push --help, against `python -c pass`; ecr-push tags, against the reference; the action's step
           until its first phase, against the reference and against a program in JavaScript
history    reading 50,000 commits and 10,000 tags, against git's own describe and log
findings   50,000 findings through the wait, the judgement and every report, against reading them as JSON
job        a whole job on GitHub, against the reference, and with --peers against the chain of others' actions
release    ecr-push run in a sandbox whose AWS calls take 150 ms, against `docker buildx build --push` and
           three round trips
to         one image with five tags to three registries, against docker's own two ways
images     which of 200 images changed, where three did, against git's own diff
repositories  a plan of 500 repositories whose calls take 100 ms, and while AWS throttles them; 500 that are
           made, against the same calls one after the other
copy       12 images that share layers from one registry to another, against crane, skopeo and oras, in
           seconds and requests
rebuild    a rebuild with one changed layer on an empty builder, with a warm --cache ecr against without
memory     memory and processor time of a run's own process, against the reference
interrupt  the end of a run at SIGTERM while it builds, against that of `docker buildx build`
loopback   a small request to the sandbox, against one to Python's own http.server

The reference is an earlier commit of this repository: by default the last one whose action installs its
packages in every job. It is installed as its action does that. So is this checkout, unless it has a bundle
where a release has one.

race_window.py, a program of its own, counts in place of measuring: how often two pipelines both release one
version.

Needs the package installed with its development packages beside the interpreter that runs this, git and this
repository's history, a package index, for `start-up` node and npm, and for `job`, `release`, `to`,
`rebuild`, `memory` and `interrupt` a Docker engine with buildx. All else is on this machine. Figures are
medians of runs that take turns, so a busy machine slows both sides. With --check the exit code is 1 when a
limit is broken.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import copies
import destinations
import history
import images
import interrupt
import job
import loopback
import many_findings
import memory
import peers
import rebuild
import release
import repositories
import start_up
from editions import REFERENCE, Editions
from given import Given
from timing import Comparison
from world import MissingError

_Measure = Callable[[Given], Iterable[Comparison | release.Detail]]
# What to measure, and how many runs of each side.
BENCHMARKS: Mapping[str, tuple[_Measure, int]] = {
    "start-up": (start_up.measure, 15),
    "history": (history.measure, 5),
    "findings": (many_findings.measure, 3),
    "job": (job.measure, 5),
    "release": (release.measure, 7),
    "to": (destinations.measure, 5),
    "images": (images.measure, 15),
    "repositories": (repositories.measure, 3),
    "copy": (copies.measure, 5),
    "rebuild": (rebuild.measure, 3),
    "memory": (memory.measure, 5),
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
    parser.add_argument("--reference", metavar="COMMIT", default=REFERENCE, help="default: %(default)s")
    parser.add_argument("--peers", metavar="FOLDER", type=Path, help="others' actions: see peers.py")
    given = parser.parse_args()
    if unknown := set(given.what) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    holds = True
    try:
        actions = peers.actions(given.peers) if given.peers else {}
        with tempfile.TemporaryDirectory(prefix="ecr-push-benchmark-") as scratch:
            editions = Editions(Path(scratch) / "editions", given.reference)
            for what in given.what or BENCHMARKS:
                folder = Path(scratch) / what
                folder.mkdir()
                measure, rounds = BENCHMARKS[what]
                holds &= _tell(measure(Given(folder, given.rounds or rounds, editions, actions)))
    except MissingError as error:
        parser.error(str(error))
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
        allowed = f"limit {one.limit} = {one.limit.of(one.reference_figure):.4g} {one.unit}"
        verdict = f"{allowed}: {'holds' if one.holds else 'BROKEN'}"
    return (
        f"{one.name:42} {one.figure:8.4f} {one.unit:2}  {one.reference:42} {one.reference_figure:8.4f} "
        f"{one.unit:2}  {one.ratio:5.2f} x   {verdict}"
    )


def _tell_detail(one: release.Detail) -> None:
    calls = ", ".join(f"{number} {name}" for name, number in one.calls.items())
    phases = ", ".join(f"{name} {seconds:.2f}" for name, seconds in one.phases.items() if seconds >= 0.005)
    print(f"  AWS calls of the last run: {sum(one.calls.values())} ({calls})")
    print(f"  seconds of the last run: {phases}; outside the phases {one.outside:.2f}")
    print(f"  peak memory of the last run: {one.peak_bytes / 1e6:.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
