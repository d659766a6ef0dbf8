"""YAML as a tree that knows its lines, so that every mistake can be told with its place."""

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
    """The entries as they stand; a name may be there twice."""

    entries: tuple[Entry, ...]

    def get(self, name: str) -> Entry | None:
        return next((one for one in self.entries if one.name == name), None)


@dataclass(frozen=True)
class Entry:
    name: str
    line: int
    node: Node


def read_yaml(text: str) -> Node | None:
    """The tree of a document, None for an empty one. Raises ValueError with the place of the mistake."""
    import yaml

    try:
        # libyaml where it is there: ten times as fast on a policy with hundreds of exceptions.
        root = yaml.compose(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        return None if root is None else _node(root, {}, yaml)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _node(node: Any, seen: dict[int, Node], yaml: Any) -> Node:
    """An alias is the very node that it stands for; each is read once."""
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
