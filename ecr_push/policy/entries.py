"""YAML -> the entries of a policy's lists: exceptions, and what is always refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from ecr_push.base.yaml_tree import Node
from ecr_push.policy.finding_pattern import FindingPattern
from ecr_push.policy.model import AlwaysRefused, PolicyException
from ecr_push.policy.package_version import VersionRange
from ecr_push.policy.values import Complain, entries_of, scalar, switch, text

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
                scalar(_date)(until, complain) if until else None,
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
        scalar(VersionRange.parse)(versions, complain) if versions else None,
        _text_of(given, "path"),
        _text_of(given, "platform"),
    )


def _fields(node: Node, complain: Complain, allowed: tuple[str, ...]) -> dict[str, Node]:
    """Returns the texts of one entry by name."""
    found = {}
    for entry in entries_of(node, complain, ", ".join(allowed), allowed):
        if not isinstance(entry.node.value, str) or not entry.node.value.strip():
            complain(entry.line, f"{entry.name}: expected a text")
        else:
            found[entry.name] = entry.node
    return found


def _list(node: Node, complain: Complain, name: str) -> tuple[Node, ...]:
    if isinstance(node.value, tuple):
        return node.value
    if node.value != "":
        complain(node.line, f"expected a list: each entry of {name} starts with '-'")
    return ()


def _text_of(given: Mapping[str, Node], name: str) -> str:
    return text(given[name]).strip() if name in given else ""
