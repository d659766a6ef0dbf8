"""How much a whole run adds to the build that it contains, when every AWS call takes 150 ms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from editions import Edition
from given import Given
from pipelines import BARE, Pipelines, pipelines
from timing import Comparison, Limit, Took, by_turns, median

LATENCY_SECONDS = 0.15
# To find the scan, to read its findings and to put tags cannot be done without asking AWS.
ROUND_TRIPS = 3
_LIMIT = Limit(1.1)


@dataclass(frozen=True)
class Detail:
    """Of the last run: its AWS calls by operation, its seconds by phase, its peak memory in bytes.

    outside: seconds before the first phase and after the last: the interpreter's start, imports, the end.
    """

    calls: Mapping[str, int]
    phases: Mapping[str, float]
    outside: float
    peak_bytes: int


def measure(given: Given) -> Iterator[Comparison | Detail]:
    """A run on a branch commit (two tiers of tags) and on a release commit (three), then and now."""
    ours, reference = given.editions.ours, given.editions.reference
    details: dict[str, Detail] = {}

    def run(on: Pipelines, name: str, edition: Edition, *, release: bool) -> Took:
        took = on.run(edition, release=release)
        phases = on.result()["seconds"]
        details[name] = Detail(on.calls, phases, took.seconds - sum(phases.values()), took.peak_bytes)
        return took

    commits = {"a branch commit": False, "a release commit": True}
    with pipelines(given.folder, LATENCY_SECONDS, ours, reference) as on:
        programs = {BARE: on.bare} | {
            f"{edition.name} on {commit}": (
                lambda commit=commit, edition=edition, release=release: run(
                    on, f"{edition.name} on {commit}", edition, release=release
                )
            )
            for commit, release in commits.items()
            for edition in (ours, reference)
        }
        taken = by_turns(programs, given.rounds)
    least = median(taken[BARE]) + ROUND_TRIPS * LATENCY_SECONDS
    for commit in commits:
        for edition, limit in ((ours, _LIMIT), (reference, None)):
            name = f"{edition.name} on {commit}"
            yield Comparison(name, f"{BARE} + {ROUND_TRIPS} round trips", median(taken[name]), least, limit)
            yield details[name]
