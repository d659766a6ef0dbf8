"""How long a user waits for commands that need no network, against the interpreter's own start."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

from timing import Comparison, Limit, Took, by_turns, median, run
from world import ECR_PUSH, PYTHON, Checkout, environment

_REFERENCE = "python -c pass"
_LIMITS = {
    "ecr-push --help": Limit(6),
    "ecr-push tags, on a release commit": Limit(30),
    "ecr-push tags, on a branch commit": Limit(30),
}


def measure(folder: Path, rounds: int) -> Iterator[Comparison]:
    """One comparison a command. Both sides use the interpreter that runs this, and its console script."""
    release, branch = Checkout.make(folder / "release"), Checkout.make(folder / "branch")
    release.release()
    root, environ = branch.root, environment()
    start = functools.partial(run, environ=environ)
    programs = {
        _REFERENCE: lambda: start((PYTHON, "-c", "pass"), root),
        "ecr-push --help": lambda: start((ECR_PUSH, "--help"), root),
        "ecr-push tags, on a release commit": lambda: start((ECR_PUSH, "tags"), release.root),
        "ecr-push tags, on a branch commit": lambda: start((ECR_PUSH, "tags"), branch.root),
    }
    taken: dict[str, list[Took]] = by_turns(programs, rounds)
    reference = median(taken[_REFERENCE])
    for name, limit in _LIMITS.items():
        yield Comparison(name, _REFERENCE, median(taken[name]), reference, limit)
