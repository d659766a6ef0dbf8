"""What a run costs the machine that it runs on, in its own process: docker, git and BuildKit do not count."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from given import Given
from pipelines import pipelines
from timing import Comparison, Limit, by_turns, megabytes, processor

_PROCESSOR, _PEAK = Limit(0.6), Limit(0.8)


def measure(given: Given) -> Iterator[Comparison]:
    """A run on a release commit, against the reference."""
    ours, reference = given.editions.ours, given.editions.reference
    with pipelines(given.folder, 0, ours, reference) as on:
        taken = by_turns(
            {one.name: functools.partial(on.run, one, release=True) for one in (ours, reference)},
            given.rounds,
        )
    now, then = taken[ours.name], taken[reference.name]
    at = f"at {reference.name}"
    yield Comparison("a run's processor time", at, processor(now), processor(then), _PROCESSOR)
    yield Comparison("a run's peak memory", at, megabytes(now), megabytes(then), _PEAK, "MB")
