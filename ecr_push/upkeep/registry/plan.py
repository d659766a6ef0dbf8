"""What is to be done so that a registry is as a file says. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ecr_push.base.errors import SettingsError
from ecr_push.base.place import Place
from ecr_push.base.yaml_text import write_yaml
from ecr_push.registry.private_registry import PrivateRegistry
from ecr_push.upkeep.compare import difference
from ecr_push.upkeep.file import in_order
from ecr_push.upkeep.registry.found import read_sections, unread
from ecr_push.upkeep.registry.model import (
    ItemChange,
    Items,
    Problem,
    RegistryPlan,
    Section,
    SectionPlan,
    WantedSection,
)
from ecr_push.upkeep.registry.read import WantedRegistry
from ecr_push.upkeep.registry.sections import SECTIONS

REMEDY = "docs/registry-settings.md has what the file may hold"


def plan_registry(
    path: Path, wanted: WantedRegistry, place: Place, registry: PrivateRegistry
) -> RegistryPlan:
    """Asks only for the kinds of settings that the file has.

    Raises SettingsError with every mistake of the file, also those that only show beside what is there;
    RegistryError.
    """
    asked = [one for one in SECTIONS if one.key in wanted.sections]
    found, errors = read_sections(registry, asked)
    if errors and wanted.problems:
        raise SettingsError(in_order(wanted.problems), remedy=REMEDY)
    if errors:
        raise unread(errors, len(asked))
    problems = [*wanted.problems]
    plans = []
    for section in asked:
        items = found[section.key]
        of = wanted.sections[section.key]
        after = of.after(items)
        problems += _with_lines(path, of, section.problems(items, after, place))
        plans.append(
            SectionPlan(section, _changes(section, items, after), tuple(section.notes(items, after)))
        )
    if problems:
        raise SettingsError(in_order(problems), remedy=REMEDY)
    return RegistryPlan(place, tuple(plans), wanted.doubts)


def _with_lines(path: Path, of: WantedSection, problems: Iterable[Problem]) -> Iterator[str]:
    for name, problem in problems:
        yield f"{path}, line {of.lines.get(name, of.line)}: {problem}"


def _changes(section: Section, found: Items, after: Items) -> tuple[ItemChange, ...]:
    names = [*(name for name in found if name not in after), *after]
    pairs = [(name, found.get(name), after.get(name)) for name in names]
    return tuple(
        ItemChange(name, now, then, difference(_lines(section, now), _lines(section, then)))
        for name, now, then in pairs
        if now != then
    )


def _lines(section: Section, item: object) -> Sequence[str]:
    if item is None:
        return ()
    tree = section.tree(item)
    return tree.splitlines() if isinstance(tree, str) else write_yaml(tree).splitlines()
