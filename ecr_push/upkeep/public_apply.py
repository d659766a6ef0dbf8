"""Plans for public repositories: made, shown, and carried out. Idempotent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ecr_push.base import background
from ecr_push.base.clock import Clock
from ecr_push.registry.catalog import Catalog, PublicCatalogs
from ecr_push.registry.copy.pace import Pace
from ecr_push.upkeep.apply import CREATED, Applied, Changes, Creation, Step, apply_changes
from ecr_push.upkeep.found import AT_ONCE, ATTEMPTS
from ecr_push.upkeep.public_model import PublicPlan, WantedCatalog, plan_of


def plan_public(
    wanted: Mapping[str, WantedCatalog], catalogs: PublicCatalogs, clock: Clock
) -> tuple[PublicPlan, ...]:
    """In alphabetical order. Raises RegistryError."""
    names = sorted(wanted)
    pace = Pace(clock, AT_ONCE, ATTEMPTS)
    calls = [partial(pace.persist, partial(catalogs.find, name)) for name in names]
    found = background.all_of(calls, "read catalogue data", AT_ONCE)
    return tuple(plan_of(name, wanted[name], one) for name, one in zip(names, found, strict=True))


def apply_public(
    plans: Sequence[PublicPlan], catalogs: PublicCatalogs, clock: Clock, say: Callable[[str], None]
) -> Applied:
    """See `apply_changes`."""
    differing = [plan for plan in plans if plan.differs]
    changes = [Changes(named(one), (_step(one, catalogs),), one.found is None) for one in differing]
    return apply_changes(changes, clock, say)


def _step(plan: PublicPlan, catalogs: PublicCatalogs) -> Step:
    """The one change of a public repository: all of its data is put at once."""
    data = plan.wanted.over(plan.found or Catalog())
    if plan.found is None:
        return CREATED, Creation(
            partial(catalogs.create, plan.name, data), partial(_is_as_wanted, plan, catalogs)
        )
    return ", ".join(one.key for one in plan.changes), partial(catalogs.put, plan.name, data)


def _is_as_wanted(plan: PublicPlan, catalogs: PublicCatalogs) -> bool:
    return not plan_of(plan.name, plan.wanted, catalogs.find(plan.name)).differs


def named(plan: PublicPlan) -> str:
    """Beside private repositories, which may have the same name."""
    return f"public {plan.name}"


def lines_of(plans: Sequence[PublicPlan]) -> Iterator[str]:
    for plan in plans:
        if plan.differs:
            yield f"{'+' if plan.found is None else '~'} {named(plan)}"
            yield from (f"    {one.key}: {one.line}" for one in plan.changes)
            yield ""


def document_of(plans: Sequence[PublicPlan]) -> list[dict[str, Any]]:
    return [
        {
            "name": plan.name,
            "action": "create" if plan.found is None else "change" if plan.changes else "none",
            "changes": [{"key": one.key, "lines": [one.line]} for one in plan.changes],
        }
        for plan in plans
    ]
