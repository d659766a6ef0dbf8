"""What is to be done so that repositories are as a file says. Reads only."""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.base.clock import Clock
from ecr_push.registry.repositories import Repositories, RepositorySettings
from ecr_push.upkeep.compare import compare
from ecr_push.upkeep.found import read_settings
from ecr_push.upkeep.model import RepositoryPlan, Wanted, WantedRepositories
from ecr_push.upkeep.policies.check import is_open


def plan_repositories(
    wanted: WantedRepositories, registry: Repositories, clock: Clock
) -> tuple[RepositoryPlan, ...]:
    """A plan for each repository that the file names, and each existing one that a pattern of it matches.

    In alphabetical order. Raises RegistryError.
    """
    there = registry.all() if wanted.patterns else registry.describe(wanted.names)
    asked = {name: one for name in sorted({*wanted.names, *there}) if (one := wanted.of(name)) is not None}
    found = read_settings({name: there[name] for name in asked if name in there}, registry, clock)
    return tuple(_plan(name, of, found.get(name)) for name, of in asked.items())


def _plan(name: str, wanted: Wanted, found: RepositorySettings | None) -> RepositoryPlan:
    return RepositoryPlan(name, wanted, found, compare(found, wanted) if found else ())


def left_open(plans: Iterable[RepositoryPlan]) -> tuple[str, ...]:
    """The repositories that every AWS account may use, and of whose policy the file says nothing."""
    return tuple(
        plan.name
        for plan in plans
        if plan.found and plan.wanted.policy is None and is_open(plan.found.policy)
    )
