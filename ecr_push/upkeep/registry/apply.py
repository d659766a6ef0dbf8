"""Makes a registry as a plan says. Idempotent: what is done already is not in the plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ecr_push.registry.private_registry import PrivateRegistry
from ecr_push.upkeep.apply import Applied, Step, apply_steps
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
    section.make(registry, change.name, change.before, change.after)
    say(f"{name_of(section, change)}: {change.done}")
