"""What the settings of a registry are to be, and where they differ: the nouns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.place import Place

if TYPE_CHECKING:
    from ecr_push.base.yaml_tree import Node
    from ecr_push.registry.private_registry import PrivateRegistry
    from ecr_push.upkeep.registry.reader import RegistryReader

# What there is of one kind of settings, by name: a prefix, an ARN, a setting; "" where it is one thing.
Items = Mapping[str, Any]
# What one of them is to be, made from what it is. None: there is none, or there is to be none.
Over = Callable[[Any], Any]


def removed(found: Any) -> None:
    """What makes none of it."""
    return


# What is wrong with one of them, or with all ("").
Problem = tuple[str, str]


@dataclass(frozen=True)
class WantedSection:
    """What a file says of one kind of settings.

    lines: where it does, by name. whole: what it does not name is removed.
    """

    items: Mapping[str, Over]
    lines: Mapping[str, int] = field(default_factory=dict)
    line: int = 0
    whole: bool = False

    def after(self, found: Items) -> Items:
        """What there is to be."""
        result = {} if self.whole else dict(found)
        for name, over in self.items.items():
            value = over(found.get(name))
            if value is None:
                result.pop(name, None)
            else:
                result[name] = value
        return result


@dataclass(frozen=True)
class Section:
    """One kind of settings.

    read:     what there is. Raises RegistryError.
    parse:    what the file says; it notes mistakes.
    tree:     one of them as the file writes it, in place of its name where that is "".
    make:     changes one, from what it is to what it is to be; None for not there. Raises RegistryError.
    problems: what ECR would refuse of what there is to be in a registry, and is not a mistake of one line.
    notes:    what is allowed, and surprises.
    """

    key: str
    read: Callable[[PrivateRegistry], Items]
    parse: Callable[[RegistryReader, Node], WantedSection]
    tree: Callable[[Any], Any]
    make: Callable[[PrivateRegistry, str, Any, Any], None]
    problems: Callable[[Items, Items, Place], Iterator[Problem]] = lambda found, after, place: iter(())
    notes: Callable[[Items, Items], Iterator[str]] = lambda found, after: iter(())

    def tree_of(self, items: Items) -> Any:
        """All of them as the file writes them."""
        if "" in items:
            return self.tree(items[""])
        trees = {name: self.tree(one) for name, one in items.items()}
        return list(trees) if all(one == "" for one in trees.values()) else trees


@dataclass(frozen=True)
class ItemChange:
    """One that differs. lines: what is shown of it, `- ` and `+ ` before what goes and comes."""

    name: str
    before: Any
    after: Any
    lines: tuple[str, ...]

    @property
    def action(self) -> str:
        if self.before is None:
            return "create"
        return "remove" if self.after is None else "change"

    @property
    def done(self) -> str:
        return {"create": "created", "change": "changed", "remove": "removed"}[self.action]


@dataclass(frozen=True)
class SectionPlan:
    """notes: what to say of it."""

    section: Section
    changes: tuple[ItemChange, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegistryPlan:
    """What is to be done to a registry; nothing where no section has changes.

    doubts: about the file, with their lines.
    """

    place: Place
    sections: tuple[SectionPlan, ...]
    doubts: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[tuple[Section, ItemChange], ...]:
        return tuple((one.section, change) for one in self.sections for change in one.changes)

    @property
    def notes(self) -> tuple[str, ...]:
        return (*self.doubts, *(note for one in self.sections for note in one.notes))

    @property
    def differs(self) -> bool:
        return bool(self.changes)
