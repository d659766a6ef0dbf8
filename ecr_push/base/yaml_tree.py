"""YAML -> a tree with line numbers, so that every problem can be reported with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Node:
    """A text, a list, or a mapping. Every scalar is text, as it was written."""

    value: str | tuple[Node, ...] | Mapping
    line: int


@dataclass(frozen=True)
class Mapping:
    """The entries in their order; a name may occur twice."""

    entries: tuple[Entry, ...]

    def get(self, name: str) -> Entry | None:
        return next((one for one in self.entries if one.name == name), None)


@dataclass(frozen=True)
class Entry:
    name: str
    line: int
    node: Node


def read_yaml(text: str) -> Node | None:
    """Parses a document; None for an empty one. Raises ValueError with the place of the problem."""
    import yaml

    try:
        # libyaml if it is installed: ten times as fast on a policy with hundreds of exceptions.
        root = yaml.compose(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        return None if root is None else _node(root, {}, yaml)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
    except RecursionError as error:
        raise ValueError("the document is nested too deeply") from error


def _node(node: Any, seen: dict[int, Node], yaml: Any) -> Node:
    """An alias is the same node as its anchor; each is read once."""
    if id(node) not in seen:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            found = Node(node.value, line)
        elif isinstance(node, yaml.SequenceNode):
            found = Node(tuple(_node(one, seen, yaml) for one in node.value), line)
        else:
            entries = (
                Entry(str(key.value), key.start_mark.line + 1, _node(value, seen, yaml))
                for key, value in node.value
            )
            found = Node(Mapping(tuple(entries)), line)
        seen[id(node)] = found
    return seen[id(node)]
