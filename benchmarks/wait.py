"""What the wait for a scan costs, on a simulated clock: `python benchmarks/wait.py [--check]`.

one      calls of DescribeImageScanFindings, and seconds lost after the scan is done, for scans of 2 s to
         20 minutes: asking, listening to events, and the waiter that comes with the AWS SDK
fleet    2,000 pipelines on one account with an assumed quota (see fleet.py): asking, listening with a
         queue for seven repositories, and listening with one queue for all
memory   an answer of 50,000 findings, read through the wait in a process of its own

With --check the exit code is 1 when a limit is broken.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fleet import Fleet, Result, simulate

SCANS = (2.0, 20.0, 200.0, 1200.0)
# `aws ecr wait image-scan-complete`: botocore's waiters-2.json for ecr, ImageScanComplete.
SDK_DELAY, SDK_ATTEMPTS = 5.0, 60
ROUNDS = 50


@dataclass(frozen=True)
class Cost:
    """calls: the mean. lost: the worst, in seconds; None where no answer came."""

    calls: float
    lost: float | None


def sdk_waiter(seconds: float) -> Cost:
    for attempt in range(SDK_ATTEMPTS):
        if attempt * SDK_DELAY >= seconds:
            return Cost(attempt + 1, attempt * SDK_DELAY - seconds)
    return Cost(SDK_ATTEMPTS, None)


def ours(seconds: float, *, listens: bool) -> Cost:
    """The worst of some rounds: the pauses are jittered. An event comes a second after the scan."""
    results = [simulate(_alone(seconds, seed, listens=listens)) for seed in range(ROUNDS)]
    return Cost(
        sum(result.calls for result in results) / ROUNDS,
        max(result.delays[0] for result in results) if all(result.delays for result in results) else None,
    )


def _alone(seconds: float, seed: int, *, listens: bool) -> Fleet:
    return Fleet(
        pipelines=1, window=0, scan_seconds=seconds, platforms=1, event_delay=(1.0, 1.0), lost=0.0,
        listens=listens, timeout=3600, seed=seed,
    )  # fmt: skip


def one() -> Iterator[bool]:
    print(f"{'one scan':10} {'the SDK waiter':>24} {'ecr-push, asking':>24} {'ecr-push, listening':>24}")
    for seconds in SCANS:
        asking, listening = ours(seconds, listens=False), ours(seconds, listens=True)
        costs = (sdk_waiter(seconds), asking, listening)
        print(f"{seconds:8.0f} s " + " ".join(f"{_text(cost):>24}" for cost in costs))
        limit = max(1.0, 0.05 * seconds)
        yield asking.lost is not None and asking.lost <= limit
        yield listening.lost is not None and listening.calls <= asking.calls


def _text(cost: Cost) -> str:
    lost = "no answer" if cost.lost is None else f"{cost.lost:.2f} s lost"
    return f"{cost.calls:.0f} calls, {lost}"


FLEETS = {
    "asking": Fleet(),
    "listening, a queue for 7": Fleet(listens=True),
    "listening, a queue for all": Fleet(listens=True, repositories_a_queue=2000),
}


def fleets() -> Iterator[bool]:
    some = Fleet()
    print(
        f"\n{some.pipelines} pipelines begin within {some.window:.0f} s; assumed quota "
        f"{some.describe_rate:.0f} calls a second"
    )
    for name, fleet in FLEETS.items():
        began = time.perf_counter()
        result = simulate(fleet)
        print(f"{name:28} {_figures(result)}   simulated in {time.perf_counter() - began:.1f} s")
        yield all_answered(result, fleet.pipelines)
        if name == "listening, a queue for 7":
            yield spares_ecr(result, fleet.pipelines)


def all_answered(result: Result, pipelines: int) -> bool:
    """Half of them soon, and the last one in time."""
    answered = len(result.delays) == pipelines and not result.failures
    return answered and (result.delay(0.5) < 30 or result.receives > 0) and max(result.delays) < 400


def spares_ecr(result: Result, pipelines: int) -> bool:
    """A handful of calls each, none refused; a million receives of SQS cost $0.40."""
    few = not result.throttled and result.calls < 5 * pipelines and result.receives < 50 * pipelines
    return few and result.delay(0.95) < 10


def _figures(result: Result) -> str:
    receives = f", {result.receives} receives" if result.receives else ""
    return (
        f"{len(result.delays)} answers, {len(result.failures)} without; lost "
        f"{result.delay(0.5):.1f} s (median), {result.delay(0.95):.1f} s (95 %), {max(result.delays):.0f} s "
        f"at most; {result.calls} calls, {result.throttled} throttled, {result.busiest} in the busiest "
        f"second{receives}"
    )


LIMIT_MB = 300


def memory() -> Iterator[bool]:
    argv = [sys.executable, Path(__file__).with_name("findings.py"), "wait"]
    found = json.loads(subprocess.run(argv, stdout=subprocess.PIPE, check=True).stdout)
    print(f"\n{found['findings']} findings: {found['megabytes']} MB at most")
    yield found["megabytes"] < LIMIT_MB


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = {"one": one, "fleet": fleets, "memory": memory}
    parser.add_argument("what", nargs="*", choices=[[], *parts], metavar="one|fleet|memory")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a limit is broken")
    given = parser.parse_args()
    holds = [held for name in given.what or parts for held in parts[name]()]
    return 0 if all(holds) or not given.check else 1


if __name__ == "__main__":
    sys.exit(main())
