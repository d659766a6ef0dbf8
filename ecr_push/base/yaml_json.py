"""Entries of a YAML mapping <-> values of JSON, with their lines: for another process of the same command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ecr_push.base import shape
from ecr_push.base.yaml_nodes import Entry, Node, list_of, mapping_of
from ecr_push.base.yaml_nodes import Mapping as YamlMapping

# Characters and nodes. Aliases stand for more than a text has, and each costs its whole length here.
MOST = 1 << 20


def as_json(entries: Iterable[Entry]) -> list[Any] | None:
    """What `from_json` gives back as it was; None for more than MOST."""
    entries = tuple(entries)
    left = MOST - sum(one.node.size for one in entries)
    waiting = [one.node for one in entries] if left > 0 else []
    while waiting and left > 0:
        value = waiting.pop().value
        if isinstance(value, str):
            left -= len(value)
        else:
            waiting += [one.node for one in value.entries] if isinstance(value, YamlMapping) else value
    return [_of_entry(one) for one in entries] if left > 0 else None


def from_json(value: Any, *path: str) -> tuple[Entry, ...]:
    """The entries in a member of a document. Raises OddValueError."""
    return tuple(shape.each(_entry, value, *path, required=True))


def _of_entry(entry: Entry) -> dict[str, Any]:
    return {"name": entry.name, "line": entry.line, "node": _of_node(entry.node)}


def _of_node(node: Node) -> dict[str, Any]:
    if isinstance(node.value, str):
        return {"line": node.line, "text": node.value, "plain": node.plain}
    if isinstance(node.value, YamlMapping):
        return {"line": node.line, "entries": [_of_entry(one) for one in node.value.entries]}
    return {"line": node.line, "items": [_of_node(one) for one in node.value]}


def _entry(value: Mapping[str, Any]) -> Entry:
    # A name may be empty, as a text may.
    name, line = shape.optional_text(value, "name"), shape.count(value, "line")
    return Entry(name, line, shape.inside(_node, value, "node"))


def _node(value: Mapping[str, Any]) -> Node:
    line = shape.count(value, "line")
    if "entries" in value:
        return mapping_of(from_json(value, "entries"), line)
    if "items" in value:
        return list_of(tuple(shape.each(_node, value, "items", required=True)), line)
    return Node(shape.optional_text(value, "text"), line, plain=value.get("plain") is True)
