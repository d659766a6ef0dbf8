"""A registry's settings as the file that describes them, and plans as text and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecr_push.base.place import Place
from ecr_push.base.yaml_text import write_yaml
from ecr_push.upkeep.apply import Applied
from ecr_push.upkeep.registry.model import ItemChange, Items, RegistryPlan, Section
from ecr_push.upkeep.registry.sections import SECTIONS

_MARKS = {"create": "+", "change": "~", "remove": "-"}


def file_of(place: Place, found: Mapping[str, Items]) -> str:
    """The file that asks for exactly what there is. found: by the section's key, as far as it was read."""
    trees = {one.key: one.tree_of(found[one.key]) for one in SECTIONS if found.get(one.key)}
    none = [one.key for one in SECTIONS if one.key in found and not found[one.key]]
    text = write_yaml({"registry": f"{place.account}/{place.region}", **trees})
    return text + (f"# there is nothing of: {', '.join(none)}\n" if none else "")


def settings_document(place: Place, found: Mapping[str, Items]) -> dict[str, Any]:
    """The same for programs. null: there is none."""
    return {
        "account": place.account,
        "region": place.region,
        "settings": {
            one.key: one.tree_of(found[one.key]) if found[one.key] else None
            for one in SECTIONS
            if one.key in found
        },
    }


def name_of(section: Section, change: ItemChange) -> str:
    return f"{section.key}: {change.name}" if change.name else section.key


def text_of_plan(plan: RegistryPlan) -> str:
    """What differs, setting by setting, and a summary."""
    return "\n".join(_lines(plan))


def _lines(plan: RegistryPlan) -> Iterator[str]:
    for section, change in plan.changes:
        yield f"{_MARKS[change.action]} {name_of(section, change)}"
        yield from (f"    {line}".rstrip() for line in change.lines)
        yield ""
    yield _summary([change for _, change in plan.changes], "to {action}")


def _summary(changes: Sequence[ItemChange], words: str) -> str:
    """`1 to create, 2 to change, 0 to remove`."""
    numbers = {action: sum(one.action == action for one in changes) for action in _MARKS}
    return ", ".join(f"{number} {words.format(action=action)}" for action, number in numbers.items())


def document_of(plan: RegistryPlan) -> dict[str, Any]:
    """A plan for programs."""
    return {
        "account": plan.place.account,
        "region": plan.place.region,
        "changes": [
            {
                "section": section.key,
                "name": change.name or None,
                "action": change.action,
                "lines": list(change.lines),
            }
            for section, change in plan.changes
        ],
        "notes": list(plan.notes),
    }


def applied_text(plan: RegistryPlan, applied: Applied) -> str:
    """How many changes were made, and which were not."""
    failed = dict(applied.failed)
    made = [change for section, change in plan.changes if name_of(section, change) not in failed]
    return "\n".join([_summary(made, "{action}d"), *(f"not done: {name}" for name in failed)])


def applied_document(plan: RegistryPlan, applied: Applied) -> dict[str, Any]:
    """The same for programs: the plan, and what became of each change."""
    errors = {name: f"{error.what}: {error.why}" for name, error in applied.failed}
    document = document_of(plan)
    for (section, change), entry in zip(plan.changes, document["changes"], strict=True):
        error = errors.get(name_of(section, change))
        entry |= {"done": error is None, "error": error}
    return document
