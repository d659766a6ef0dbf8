"""What is to be done so that repositories are as a file says. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ecr_push.base import background
from ecr_push.registry.repositories import Repositories
from ecr_push.upkeep.compare import compare
from ecr_push.upkeep.model import RepositoryPlan, Wanted, WantedRepositories

# At once, so that 500 repositories take seconds; ECR allows more of these calls a second than that.
AT_ONCE = 12


def plan_repositories(wanted: WantedRepositories, registry: Repositories) -> tuple[RepositoryPlan, ...]:
    """A plan for each repository that the file names, and each existing one that a pattern of it matches.

    In alphabetical order. Raises RegistryError.
    """
    names = {*wanted.names, *(registry.names() if wanted.patterns else ())}
    asked = {name: one for name in sorted(names) if (one := wanted.of(name)) is not None}
    described = registry.describe(list(asked))
    plans: list[RepositoryPlan] = []
    left = list(asked.items())
    for begin in range(0, len(left), AT_ONCE):
        started = [
            background.start(partial(_plan, name, of, described.get(name), registry), f"plan {name}")
            for name, of in left[begin : begin + AT_ONCE]
        ]
        plans += [one.result() for one in started]
    return tuple(plans)


def _plan(
    name: str, wanted: Wanted, described: Mapping[str, Any] | None, registry: Repositories
) -> RepositoryPlan:
    if described is None:
        return RepositoryPlan(name, wanted, exists=False)
    found = registry.settings(name, described)
    return RepositoryPlan(name, wanted, exists=True, arn=found.arn, changes=compare(found, wanted))
