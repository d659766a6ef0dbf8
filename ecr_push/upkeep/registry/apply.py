"""Makes a registry as a plan says. Idempotent: what is done already is not in the plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ecr_push.registry.private_registry import PrivateRegistry
from ecr_push.upkeep.apply import Applied, Creation, Step, apply_steps
from ecr_push.upkeep.registry.model import ItemChange, RegistryPlan, Section
from ecr_push.upkeep.registry.show import name_of


def apply_registry(plan: RegistryPlan, registry: PrivateRegistry, say: Callable[[str], None]) -> Applied:
    """Makes each change; one that fails does not hold up the others. say: takes each when it is made."""
    steps: list[Step] = [
        (name_of(section, change), partial(_make, section, change, registry, say))
        for section, change in plan.changes
    ]
    return apply_steps(steps)


def _make(
    section: Section, change: ItemChange, registry: PrivateRegistry, say: Callable[[str], None]
) -> None:
    make = partial(section.make, registry, change.name, change.before, change.after)
    Creation(make, partial(_is_as_wanted, section, change, registry))()
    say(f"{name_of(section, change)}: {change.done}")


def _is_as_wanted(section: Section, change: ItemChange, registry: PrivateRegistry) -> bool:
    found = section.read(registry).get(change.name)
    if found is None or change.after is None:
        return False
    # As the file writes both: ECR gives back what it was not given, such as the prefix ROOT.
    return bool(section.tree(found) == section.tree(change.after))
