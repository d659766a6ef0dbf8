"""Plain data -> YAML that people read and edit, and that every reader takes back. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecr_push.base.regex import lazy_regex

# What needs no quotes in any version of YAML: no sign of its own, nothing that reads as a number or a date.
_PLAIN = lazy_regex(r"[A-Za-z_](?:[\w./@*+ -]|:(?=[^\s]))*(?<! )", re.ASCII)
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
# Of a block of lines: no tab or blank at the begin, which would be taken for its indentation.
_BLOCK = lazy_regex(r"[^\s](?:[ -~\u00a1-\ud7ff\ue000-\ufefe]*\n)*[ -~\u00a1-\ud7ff\ue000-\ufefe]+")
_IN_SINGLE_QUOTES = lazy_regex("[ -&(-~]+")
_UNSEEN = lazy_regex("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")


def write_yaml(value: Any) -> str:
    """A document of mappings with names, lists, texts, numbers, true, false and null. Ends with a newline."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for name, of in value.items():
            yield from _entry(f"{_scalar(str(name))}:", of)
    elif _is_list(value) and value:
        for of in value:
            yield from _item(of)
    else:
        yield _scalar(value)


def _entry(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, str) and "\n" in value and _BLOCK.fullmatch(value):
        yield f"{name} |-"
        yield from (f"  {line}" for line in value.split("\n"))
    elif value and (isinstance(value, Mapping) or _is_list(value)):
        yield name
        yield from (f"  {line}" for line in _lines(value))
    else:
        yield f"{name} {_scalar(value)}"


def _item(value: Any) -> Iterator[str]:
    lines = _lines(value)
    yield f"- {next(lines)}"
    yield from (f"  {line}" for line in lines)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        if '"' in value and _IN_SINGLE_QUOTES.fullmatch(value):
            return f"'{value}'"
        quoted = json.dumps(value, ensure_ascii=False)
        return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
    if isinstance(value, Mapping):
        return "{}"
    return "[]" if _is_list(value) else json.dumps(value)
