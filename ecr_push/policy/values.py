"""YAML -> the values of a policy's keys. Each reader reports its mistakes with their lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from ecr_push.base.reference import Digest, Tag
from ecr_push.base.severity import Severity, parse_limits, parse_severity, parse_threshold, severity_of
from ecr_push.base.suggest import did_you_mean
from ecr_push.base.yaml_tree import Entry, Node
from ecr_push.base.yaml_tree import Mapping as YamlMapping
from ecr_push.policy.model import Scope, Strictness

Complain = Callable[[int, str], None]
Reader = Callable[[Node, Complain], Any]


def scalar(parse: Callable[[str], Any]) -> Reader:
    def read(node: Node, complain: Complain) -> Any:
        if not isinstance(node.value, str):
            complain(node.line, "expected one value, not a list or a mapping")
            return None
        try:
            return parse(node.value.strip())
        except ValueError as error:
            complain(node.line, str(error))
            return None

    return read


def _one_of(word: str, allowed: Iterable[str]) -> str:
    names = list(allowed)
    if word.lower() not in names:
        raise ValueError(f"{word!r} is not one of {', '.join(names)}{did_you_mean(word.lower(), names)}")
    return word.lower()


def one_of(*allowed: str) -> Reader:
    return scalar(lambda word: _one_of(word, allowed))


def _severity_or_none(word: str) -> Severity | None:
    return None if word.lower() == "none" else parse_severity(word)


severity_or_none = scalar(_severity_or_none)
threshold_or_none = scalar(lambda word: severity_of(parse_threshold(word)))


def _switch(word: str) -> bool:
    if word.lower() not in ("true", "false"):
        raise ValueError(f"{word!r} is not a valid switch: expected true or false")
    return word.lower() == "true"


switch = scalar(_switch)


def number(highest: float) -> Reader:
    def parse(word: str) -> float | None:
        if word.lower() == "none":
            return None
        found = float(word) if re.fullmatch(r"\d+(?:\.\d*)?|\.\d+", word, re.ASCII) else -1.0
        if not 0 <= found <= highest:
            raise ValueError(f"{word!r} is not valid: expected a number from 0 to {highest:g}, or none")
        return found

    return scalar(parse)


def parse_baseline(word: str) -> str:
    """Checks a tag or a digest; `none` is ''. Raises ValueError."""
    if word.lower() == "none":
        return ""
    return str(Digest(word)) if word.startswith("sha256:") else str(Tag(word))


baseline = scalar(parse_baseline)


def limits(node: Node, complain: Complain) -> Mapping[Severity, int]:
    """Reads `{critical: 0, high: 5}`, or the text that --max-findings takes."""
    if isinstance(node.value, str):
        read: Mapping[Severity, int] | None = scalar(parse_limits)(node, complain)
        return read or {}
    found: dict[Severity, int] = {}
    for entry in entries_of(node, complain, "limits such as {critical: 0, high: 5}"):
        try:
            limit = parse_limits(f"{entry.name}={text(entry.node)}")
        except ValueError as error:
            complain(entry.line, str(error))
            continue
        for severity in found.keys() & limit:  # in another case
            complain(entry.line, f"{severity.name.lower()} is named twice")
        found.update(limit)
    return found


def texts(node: Node, complain: Complain) -> tuple[str, ...]:
    """Reads a list of texts; a single text is a list of one."""
    items = node.value if isinstance(node.value, tuple) else (node,)
    found = []
    for one in items:
        if isinstance(one.value, str) and one.value.strip():
            found.append(one.value.strip())
        else:
            complain(one.line, "expected a text, or a list of texts")
    return tuple(found)


def scope(known: tuple[str, ...] = ()) -> Reader:
    """Returns a reader of include and exclude lists: of known words in any case, or of any text."""

    def read(node: Node, complain: Complain) -> Scope:
        given: dict[str, tuple[str, ...]] = {}
        for entry in entries_of(node, complain, "include and exclude", ("include", "exclude")):
            words = texts(entry.node, complain)
            if known:
                names = [one.lower() for one in known]
                for word in words:
                    if word.lower() not in names:
                        hint = did_you_mean(word.lower(), names)
                        complain(entry.line, f"{word!r} is not one of {', '.join(names)}{hint}")
                words = tuple(word.upper() for word in words)
            given[entry.name] = words
        return Scope(**given)

    return read


def strictness(node: Node, complain: Complain) -> frozenset[str]:
    allowed = get_args(Strictness)
    if isinstance(node.value, str) and node.value.lower() in ("true", "false"):
        return frozenset(allowed if node.value.lower() == "true" else ())
    words = texts(node, complain)
    for word in words:
        if word not in allowed:
            hint = did_you_mean(word, allowed)
            complain(node.line, f"{word!r} is not one of true, false, {', '.join(allowed)}{hint}")
    return frozenset(words)


def entries_of(
    node: Node, complain: Complain, expected: str, allowed: tuple[str, ...] = ()
) -> Iterable[Entry]:
    """Yields a mapping's entries, without those that are not allowed or set twice."""
    if not isinstance(node.value, YamlMapping):
        if node.value not in ("", ()):
            complain(node.line, f"expected {expected}")
        return
    seen: dict[str, int] = {}
    for entry in node.value.entries:
        if allowed and entry.name not in allowed:
            hint = did_you_mean(entry.name, allowed)
            complain(entry.line, f"{entry.name!r} is not a key here: expected {', '.join(allowed)}{hint}")
        elif entry.name in seen:
            complain(entry.line, f"{entry.name!r} is already set in line {seen[entry.name]}")
        else:
            seen[entry.name] = entry.line
            yield entry


def text(node: Node) -> str:
    return node.value if isinstance(node.value, str) else "?"
