"""Plans for public repositories: made, shown, and carried out. Idempotent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ecr_push.base import background
from ecr_push.base.errors import EcrPushError
from ecr_push.registry.catalog import Catalog, PublicCatalogs
from ecr_push.upkeep.apply import Applied
from ecr_push.upkeep.public_model import PublicPlan, WantedCatalog, plan_of


def plan_public(wanted: Mapping[str, WantedCatalog], catalogs: PublicCatalogs) -> tuple[PublicPlan, ...]:
    """In alphabetical order. Raises RegistryError."""
    names = sorted(wanted)
    found = background.all_of([partial(catalogs.find, name) for name in names], "read catalogue data", 4)
    return tuple(plan_of(name, wanted[name], one) for name, one in zip(names, found, strict=True))


def apply_public(
    plans: Sequence[PublicPlan], catalogs: PublicCatalogs, say: Callable[[str], None]
) -> Applied:
    """One that fails does not hold up the others. say: takes each change when it is made."""
    changed: list[str] = []
    failed: list[tuple[str, EcrPushError]] = []
    for plan in plans:
        if not plan.differs:
            continue
        data = plan.wanted.over(plan.found or Catalog())
        put = catalogs.create if plan.found is None else catalogs.put
        try:
            put(plan.name, data)
        except EcrPushError as error:
            failed.append((named(plan), error))
            continue
        changed.append(named(plan))
        keys = ", ".join(one.key for one in plan.changes)
        say(f"{named(plan)}: {'created' if plan.found is None else keys}")
    return Applied(tuple(changed), tuple(failed))


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
