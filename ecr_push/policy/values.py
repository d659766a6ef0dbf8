"""YAML -> the values of a policy's keys. Each reader reports its mistakes with their lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, get_args

from ecr_push.base.reference import Digest, Tag
from ecr_push.base.severity import Severity, parse_limits, parse_severity, parse_threshold
from ecr_push.base.suggest import did_you_mean
from ecr_push.base.yaml_tree import Entry, Node
from ecr_push.base.yaml_tree import Mapping as YamlMapping
from ecr_push.policy.finding_pattern import FindingPattern
from ecr_push.policy.model import AlwaysRefused, PolicyException, Scope, Strictness
from ecr_push.policy.package_version import VersionRange

Complain = Callable[[int, str], None]
Reader = Callable[[Node, Complain], Any]


def _scalar(parse: Callable[[str], Any]) -> Reader:
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
    return _scalar(lambda word: _one_of(word, allowed))


def _severity_or_none(word: str) -> Severity | None:
    return None if word.lower() == "none" else parse_severity(word)


severity_or_none = _scalar(_severity_or_none)
threshold_or_none = _scalar(lambda word: None if word.lower() == "none" else parse_threshold(word))


def _switch(word: str) -> bool:
    if word.lower() not in ("true", "false"):
        raise ValueError(f"{word!r} is not a valid switch: expected true or false")
    return word.lower() == "true"


switch = _scalar(_switch)


def number(highest: float) -> Reader:
    def parse(word: str) -> float | None:
        if word.lower() == "none":
            return None
        found = float(word) if re.fullmatch(r"\d+(?:\.\d*)?|\.\d+", word, re.ASCII) else -1.0
        if not 0 <= found <= highest:
            raise ValueError(f"{word!r} is not valid: expected a number from 0 to {highest:g}, or none")
        return found

    return _scalar(parse)


def parse_baseline(word: str) -> str:
    """Checks a tag or a digest; `none` is ''. Raises ValueError."""
    if word.lower() == "none":
        return ""
    return str(Digest(word)) if word.startswith("sha256:") else str(Tag(word))


baseline = _scalar(parse_baseline)


def limits(node: Node, complain: Complain) -> Mapping[Severity, int]:
    """Reads `{critical: 0, high: 5}`, or the text that --max-findings takes."""
    if isinstance(node.value, str):
        read: Mapping[Severity, int] | None = _scalar(parse_limits)(node, complain)
        return read or {}
    found: dict[Severity, int] = {}
    for entry in _entries(node, complain, "limits such as {critical: 0, high: 5}"):
        try:
            limit = parse_limits(f"{entry.name}={_text(entry.node)}")
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
        for entry in _entries(node, complain, "include and exclude", ("include", "exclude")):
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


_PATTERN = ("vulnerability", "package", "versions")
_EXCEPTION = (*_PATTERN, "path", "platform", "reason", "owner", "until", "until-fixed")
_ALWAYS = (*_PATTERN, "reason")


def exceptions(node: Node, complain: Complain) -> tuple[PolicyException, ...]:
    """Reads exceptions. Their place is the line only; `files` adds the file."""
    found = []
    for one in _list(node, complain, "exceptions"):
        given = _fields(one, complain, _EXCEPTION)
        until = given.get("until")
        fixed = given.get("until-fixed")
        pattern = _pattern(one, given, complain, ("vulnerability", "package", "path"))
        found.append(
            PolicyException(
                pattern,
                _text_of(given, "reason"),
                _text_of(given, "owner"),
                _scalar(_date)(until, complain) if until else None,
                bool(switch(fixed, complain)) if fixed else False,
                f"line {one.line}",
            )
        )
    return tuple(found)


def always_refused(node: Node, complain: Complain) -> tuple[AlwaysRefused, ...]:
    found = []
    for one in _list(node, complain, "always-refuse"):
        given = _fields(one, complain, _ALWAYS)
        pattern = _pattern(one, given, complain, ("vulnerability", "package"))
        found.append(AlwaysRefused(pattern, _text_of(given, "reason"), f"line {one.line}"))
    return tuple(found)


def shown(entry: PolicyException | AlwaysRefused) -> Mapping[str, Any]:
    """Returns an entry of either list as YAML holds it."""
    what = entry.what
    found: dict[str, Any] = {
        "vulnerability": what.vulnerability,
        "package": what.package,
        "versions": str(what.versions or ""),
        "path": what.path,
        "platform": what.platform,
        "reason": entry.reason,
    }
    if isinstance(entry, PolicyException):
        found |= {"owner": entry.owner, "until": entry.until.isoformat() if entry.until else ""}
        found |= {"until-fixed": True} if entry.until_fixed else {}
    return {name: value for name, value in found.items() if value}


def _date(word: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", word, re.ASCII):
        raise ValueError(f"{word!r} is not a valid date: expected YEAR-MONTH-DAY, such as 2026-12-31")
    try:
        return date.fromisoformat(word)
    except ValueError as error:
        raise ValueError(f"{word!r} is not a valid date: {error}") from None


def _pattern(
    node: Node, given: Mapping[str, Node], complain: Complain, one_needed: tuple[str, ...]
) -> FindingPattern:
    if not any(_text_of(given, name) for name in one_needed):
        complain(node.line, f"matches nothing: expected at least one of {', '.join(one_needed)}")
    versions = given.get("versions")
    return FindingPattern(
        _text_of(given, "vulnerability").upper(),
        _text_of(given, "package"),
        _scalar(VersionRange.parse)(versions, complain) if versions else None,
        _text_of(given, "path"),
        _text_of(given, "platform"),
    )


def _fields(node: Node, complain: Complain, allowed: tuple[str, ...]) -> dict[str, Node]:
    """Returns the texts of one entry by name."""
    found = {}
    for entry in _entries(node, complain, ", ".join(allowed), allowed):
        if not isinstance(entry.node.value, str) or not entry.node.value.strip():
            complain(entry.line, f"{entry.name}: expected a text")
        else:
            found[entry.name] = entry.node
    return found


def _entries(node: Node, complain: Complain, expected: str, allowed: tuple[str, ...] = ()) -> Iterable[Entry]:
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


def _list(node: Node, complain: Complain, name: str) -> tuple[Node, ...]:
    if isinstance(node.value, tuple):
        return node.value
    if node.value != "":
        complain(node.line, f"expected a list: each entry of {name} starts with '-'")
    return ()


def _text(node: Node) -> str:
    return node.value if isinstance(node.value, str) else "?"


def _text_of(given: Mapping[str, Node], name: str) -> str:
    return _text(given[name]).strip() if name in given else ""
