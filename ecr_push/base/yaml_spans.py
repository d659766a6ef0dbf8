"""YAML and JSON -> trees that know where each text stands, so that one can be replaced and all else stays.

Comments, order, quotes and line ends are kept by not writing them: what is changed is cut out by its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.yaml_tree import YamlError, as_yaml_error, check_depth, place_of

_MOST_POSITIONS = 200_000  # that a document's aliases may stand for


@dataclass(frozen=True, eq=False)
class Text:
    """A scalar. An alias is the same object as its anchor.

    begin, end: its place in the file, in characters, with its quotes and without its anchor or tag.
    style: its quote, `|` or `>` of a block, "" without any.
    """

    value: str
    begin: int
    end: int
    line: int
    style: str = ""


@dataclass(frozen=True, eq=False)
class Items:
    """A list. flow: whether it stands in brackets."""

    nodes: tuple[Any, ...]
    line: int
    flow: bool = False


@dataclass(frozen=True, eq=False)
class Members:
    """A mapping: pairs of name and node, in their order. flow: whether it stands in braces."""

    pairs: tuple[tuple[Text, Any], ...]
    line: int
    flow: bool = False

    def get(self, *names: str) -> Any:
        """The first node that has one of the names; None where there is none."""
        return next((node for name, node in self.pairs if name.value in names), None)

    def text(self, *names: str) -> str:
        """The text that has one of the names; "" where there is none."""
        found = self.get(*names)
        return found.value if isinstance(found, Text) else ""


@dataclass(frozen=True)
class Position:
    """A node, and how it is reached: names, and numbers of a list's nodes, from the outside."""

    steps: tuple[str | int, ...]
    node: Any
    parents: tuple[Any, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        text = "".join(f"[{one}]" if isinstance(one, int) else f".{_shown(one)}" for one in self.steps)
        return text.removeprefix(".")


def read_documents(text: str, *, json: bool = False) -> list[Any]:
    """The documents of a file, in their order; one that is empty is left out.

    json: whether tabs are white space, as JSON has them. Raises YamlError with the place of the problem.
    """
    import yaml

    if json:
        text = text.replace("\t", " ")  # in a text of JSON there is none: places stay
    try:
        _check_depth(text, yaml)  # first: the time that a level takes grows with those around it
        ends = {
            token.end_mark.index: token for token in yaml.scan(text) if isinstance(token, yaml.ScalarToken)
        }
        return [
            _node(root, ends, {}, yaml) for root in yaml.compose_all(text, Loader=yaml.BaseLoader) if root
        ]
    except yaml.YAMLError as error:
        raise as_yaml_error(error) from error
    except (ValueError, OverflowError, RecursionError) as error:
        raise YamlError(" ".join(str(error).split())) from error


def positions(document: Any) -> Iterator[Position]:
    """Every node of a document with its way, the outer ones first; what an alias stands for, each time.

    Raises YamlError where those are too many.
    """
    waiting = [Position((), document)]
    for count in range(_MOST_POSITIONS + 1):
        if not waiting:
            return
        if count == _MOST_POSITIONS:
            raise YamlError("its aliases stand for too much")
        position = waiting.pop()
        yield position
        within = (*position.parents, position.node)
        if isinstance(position.node, Members):
            pairs = [(name.value, node) for name, node in position.node.pairs]
        elif isinstance(position.node, Items):
            pairs = list(enumerate(position.node.nodes))  # type: ignore[arg-type]
        else:
            continue
        waiting += [Position((*position.steps, step), node, within) for step, node in reversed(pairs)]


def _check_depth(text: str, yaml: Any) -> None:
    """By events, before the nodes are made: PyYAML calls itself for each level."""
    depth = 0
    for event in yaml.parse(text):
        depth += isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent))
        depth -= isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent))
        check_depth(depth, event.start_mark)


def _node(node: Any, ends: dict[int, Any], seen: dict[int, Any], yaml: Any) -> Any:
    if id(node) in seen:
        if seen[id(node)] is None:
            raise YamlError("what an anchor names contains itself", f"line {node.start_mark.line + 1}")
        return seen[id(node)]
    seen[id(node)] = None
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        # The node begins with its anchor or tag; an empty one has no token.
        token = ends.get(node.end_mark.index)
        start = token.start_mark if token and token.value == node.value else node.end_mark
        found: Any = Text(node.value, start.index, node.end_mark.index, start.line + 1, node.style or "")
    elif isinstance(node, yaml.SequenceNode):
        items = tuple(_node(one, ends, seen, yaml) for one in node.value)
        found = Items(items, line, bool(node.flow_style))
    else:
        pairs = tuple((_name(key, ends, seen, yaml), _node(one, ends, seen, yaml)) for key, one in node.value)
        found = Members(pairs, line, bool(node.flow_style))
    seen[id(node)] = found
    return found


def _name(key: Any, ends: dict[int, Any], seen: dict[int, Any], yaml: Any) -> Text:
    if not isinstance(key, yaml.ScalarNode):
        raise YamlError("a name is a text, not a list or a map", place_of(key.start_mark))
    found: Text = _node(key, ends, seen, yaml)
    return found


def _shown(name: str) -> str:
    return f'"{name}"' if not name or set(name) & set('.[]"') else name
