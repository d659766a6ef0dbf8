"""What stands before `then`, `&&` and `||`, and the checks of findings among it."""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.delivery.moving.shell.expand import Variables
from ecr_push.delivery.moving.shell.nodes import AndOr, Node, Pipeline, Simple
from ecr_push.delivery.moving.shell.operations import Condition
from ecr_push.delivery.moving.shell.printed import words_of
from ecr_push.delivery.moving.values import FactKind, Value

_TESTS = frozenset({"[", "[[", "test"})
_EQUAL = {"=": True, "==": True, "!=": False}
_UNKNOWN = (FactKind.VARIABLE, FactKind.COMMAND)
_SCANS = ("image-scan", "describe-image-scan-findings", "list-findings")


def is_test(node: Node) -> bool:
    if isinstance(node, Pipeline) and node.negated and len(node.commands) == 1:
        return is_test(node.commands[0])
    if not isinstance(node, Simple) or not node.words:
        return False
    first = node.words[0][0] if node.words[0] else None
    return getattr(first, "text", "") in _TESTS


def condition_of(node: Node, variables: Variables, *, holds: bool = True) -> Condition:
    """The condition that a command succeeds, or fails."""
    text = node.text if holds else negated(node.text)
    if isinstance(node, Pipeline) and node.negated and len(node.commands) == 1:
        inner = condition_of(node.commands[0], variables)
        return Condition(text, inner.left, inner.right, inner.holds is not holds)
    if not isinstance(node, Simple) or not is_test(node):
        return Condition(text, holds=holds)
    words = [one for one in words_of(node, variables)[1:] if one.text not in ("]", "]]")]
    texts = [one.text for one in words]
    if texts[:1] == ["!"]:
        words, texts, holds = words[1:], texts[1:], not holds
    if len(words) == 3 and texts[1] in _EQUAL:
        return Condition(text, words[0], words[2], holds is _EQUAL[texts[1] or "="])
    if len(words) == 2 and texts[0] in ("-n", "-z"):
        return Condition(text, words[1], Value(), holds is (texts[0] == "-z"))
    return Condition(text, holds=holds)


def all_of(nodes: Sequence[Node], text: str, variables: Variables) -> Condition:
    """The condition between `if` and `then`."""
    if len(nodes) == 1:
        return condition_of(nodes[0], variables)
    return Condition(text)


def negated(text: str) -> str:
    inner = text.removeprefix("! ")
    return inner if inner != text and "&&" not in text and "||" not in text else f"! {{ {text}; }}"


def is_one_word(value: Value) -> bool:
    """Whether what a word of a `for` stands for is certainly one word: a variable may hold a list."""
    return not any(one.kind in _UNKNOWN for one in value.facts)


def is_gate(condition: Sequence[Node], body: Sequence[Node], variables: Variables) -> bool:
    """Whether the script ends there because of what a scan found."""
    ends = any(_ends_script(one) for one in body)
    return ends and any(_reads_findings(one, variables) for one in condition)


def _ends_script(node: Node) -> bool:
    return isinstance(node, Simple) and node.text.split()[0] in ("exit", "false", "return")


def _reads_findings(node: Node, variables: Variables) -> bool:
    if isinstance(node, AndOr):
        return any(_reads_findings(one, variables) for one in (node.first, *(then for _, then in node.rest)))
    if isinstance(node, Pipeline):
        return any(_reads_findings(one, variables) for one in node.commands)
    if not isinstance(node, Simple):
        return False
    facts = [fact for word in words_of(node, variables) for fact in word.facts]
    return any(scan in fact.detail for fact in facts for scan in _SCANS)
