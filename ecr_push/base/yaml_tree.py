"""The one door for YAML: text -> a tree with line numbers, so that every problem is shown with its place.

The text may be anyone's: a tree is nested no deeper than `parse.DEEPEST`, contains itself nowhere, and is not
larger than `MOST_NODES` with everything that its aliases stand for.
"""

from __future__ import annotations

from typing import Any

from ecr_push.base.parse import DEEPEST, TOO_DEEP
from ecr_push.base.yaml_nodes import Entry, Mapping, Node, list_of, mapping_of

__all__ = ["Entry", "Mapping", "Node", "YamlError", "read_yaml"]

# A document of 1 MiB has no more without aliases.
MOST_NODES = 1_000_000
_SHORT = 10_000  # characters, which take a tenth of a second


class YamlError(ValueError):
    """A text that is not YAML, or none that is read here.

    problem: in words. place: `line 3, column 4`, or "" where it is not known.
    """

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(f"{place}: {problem}" if place else problem)
        self.problem = problem
        self.place = place


def read_yaml(text: str) -> Node | None:
    """Parses a document; None for an empty one. Raises YamlError with the place of the problem."""
    import yaml  # there may be no file to read

    try:
        root = _composed(text, yaml)
    except yaml.YAMLError as error:
        raise as_yaml_error(error) from error
    except RecursionError:
        raise YamlError(TOO_DEEP) from None
    except (ValueError, OverflowError) as error:  # PyYAML on a character or a version that there is not
        raise YamlError(" ".join(str(error).split())) from error
    return None if root is None else _node(root, {}, yaml)


def _composed(text: str, yaml: Any) -> Any:
    """Both halves of PyYAML call themselves for each level, and too many end the process."""
    # libyaml if it is installed: ten times as fast on a policy with hundreds of exceptions. Of a short text
    # PyYAML's own half says better, and on every machine the same, what is wrong.
    fast = getattr(yaml, "CBaseLoader", None)
    if fast and len(text) > _SHORT:
        depth = 0
        for event in yaml.parse(text, Loader=fast):
            depth += isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent))
            depth -= isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent))
            check_depth(depth, event.start_mark)
        return yaml.compose(text, Loader=fast)

    class Loader(yaml.BaseLoader):  # type: ignore[misc]
        """Counts while it composes: to read twice would take twice as long."""

        depth = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            event = self.peek_event()
            self.depth += 1
            if not isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent)):
                check_depth(self.depth, event.start_mark)
            node = super().compose_node(parent, index)
            self.depth -= 1
            return node

    return yaml.compose(text, Loader=Loader)


def check_depth(depth: int, mark: Any) -> None:
    if depth > DEEPEST:
        raise YamlError(TOO_DEEP, place_of(mark))


def _node(node: Any, seen: dict[int, Node | None], yaml: Any) -> Node:
    """An alias is the same node as its anchor; each is read once."""
    place = place_of(node.start_mark)
    if id(node) in seen:
        known = seen[id(node)]
        if known is None:
            raise YamlError("what an anchor names contains itself", place)
        return known
    seen[id(node)] = None
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        found = Node(node.value, line, plain=not node.style)
    elif isinstance(node, yaml.SequenceNode):
        found = list_of(tuple(_node(one, seen, yaml) for one in node.value), line)
    else:
        entries = tuple(
            Entry(_name(key, yaml), key.start_mark.line + 1, _node(value, seen, yaml))
            for key, value in node.value
        )
        found = mapping_of(entries, line)
    if found.size > MOST_NODES:
        raise YamlError("its aliases stand for too much", place)
    seen[id(node)] = found
    return found


def _name(key: Any, yaml: Any) -> str:
    if not isinstance(key, yaml.ScalarNode):
        raise YamlError("a name is a text, not a list or a map", place_of(key.start_mark))
    return str(key.value)


def as_yaml_error(error: Any) -> YamlError:
    mark = getattr(error, "problem_mark", None)
    words = getattr(error, "problem", None) or " ".join(str(error).split()).partition(' in "<')[0]
    if words.startswith("found character '\\t'"):
        words = "a tab: YAML is indented with spaces"
    elif "maximum nesting depth" in words:  # of libyaml since 0.2.6, which reads ahead of the count here
        words = TOO_DEEP
    return YamlError(words, place_of(mark) if mark else "")


def place_of(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}"
