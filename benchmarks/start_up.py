"""How long a user waits until something happens: commands that need no network, and the action's step."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import first_phase
from given import Given
from timing import Comparison, Limit, by_turns, median, run
from world import ECR_PUSH, PYTHON, Checkout, environment

_PYTHON = "python -c pass"
_HELP, _TAGS = Limit(5), Limit(0.8)


def measure(given: Given) -> Iterator[Comparison]:
    yield from commands(given)
    yield from first_phase.measure(given)


def commands(given: Given) -> Iterator[Comparison]:
    """All sides use the interpreter that runs this; `--help` by its console script."""
    release, branch = Checkout.make(given.folder / "release"), Checkout.make(given.folder / "branch")
    release.release()
    ours, reference = given.editions.ours, given.editions.reference
    start = functools.partial(run, environ=environment())
    programs = {
        _PYTHON: lambda: start((PYTHON, "-c", "pass"), branch.root),
        "ecr-push --help": lambda: start((ECR_PUSH, "--help"), branch.root),
    }
    commits = {"a release commit": release, "a branch commit": branch}
    for edition in (ours, reference):
        for commit, checkout in commits.items():
            programs[f"{edition.name}, {commit}"] = functools.partial(
                start, (*edition.command, "tags"), checkout.root
            )
    taken = {name: median(took) for name, took in by_turns(programs, given.rounds).items()}
    yield Comparison("ecr-push --help", _PYTHON, taken["ecr-push --help"], taken[_PYTHON], _HELP)
    for commit in commits:
        name = f"ecr-push tags, on {commit}"
        now, then = (taken[f"{edition.name}, {commit}"] for edition in (ours, reference))
        yield Comparison(name, f"at {reference.name}", now, then, _TAGS)
