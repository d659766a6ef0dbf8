"""What a YAML text is read as: a tree with line numbers, so that every problem is shown with its place."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass


@dataclass(frozen=True)
class Node:
    """A text, a list, or a mapping. Every scalar is text, as it was written.

    plain: whether it is a text without quotes, which may be null.
    size:  how many nodes it is, with itself; what an alias stands for counts each time.
    """

    value: str | tuple[Node, ...] | Mapping
    line: int
    plain: bool = False
    size: int = 1


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


def list_of(nodes: tuple[Node, ...], line: int) -> Node:
    return Node(nodes, line, size=1 + sum(one.size for one in nodes))


def mapping_of(entries: tuple[Entry, ...], line: int) -> Node:
    return Node(Mapping(entries), line, size=1 + sum(one.node.size for one in entries))
