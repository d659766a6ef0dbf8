"""What is to be done so that repositories are as a file says. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecr_push.base.clock import Clock
from ecr_push.registry.repositories import Repositories, RepositorySettings
from ecr_push.upkeep.compare import compare
from ecr_push.upkeep.found import read_settings
from ecr_push.upkeep.model import RepositoryPlan, Wanted, WantedRepositories, means
from ecr_push.upkeep.policies.check import is_open, lets_in
from ecr_push.upkeep.policies.model import LAMBDA


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


def warnings_about(wanted: WantedRepositories, plans: Sequence[RepositoryPlan]) -> Iterator[str]:
    """What no difference shows: patterns without a repository, what stays open to the world, and functions
    that lose their image."""
    for pattern in wanted.patterns:
        if not any(means(pattern, plan.name) for plan in plans):
            yield f"{pattern} matches no repository: check its spelling, if there should be one"
    for plan in plans:
        now = plan.found.policy if plan.found else ""
        if plan.wanted.policy is None and is_open(now):
            yield f"{plan.name} is open to every AWS account, and the file does not say who may pull"
        if (
            plan.wanted.policy is not None
            and lets_in(now, LAMBDA)
            and not lets_in(plan.wanted.policy, LAMBDA)
        ):
            yield (
                f"{plan.name}: its policy lets Lambda pull, and the file does not: a function whose image is "
                "there fails once it was idle; add `lambda` to pull"
            )
