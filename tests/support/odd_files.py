"""Odd contents of files: a valid one, changed in its bytes, its encoding or, of JSON, its structure.

Every example is small: nothing here is made to hang or to fill what reads it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

# What readers of JSON, YAML, TOML, XML and lines stumble over; deep nesting is of some hundred levels.
_PIECES = (
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r", b"\t", b"\x1b[2J", b"\xe2\x80\xa8", b"\x7f"),
    *(
        b"[" * 300,
        b"{" * 300,
        b'{"a":' * 300,
        b"[" * 150 + b"]" * 150,
        b"- " * 150,
        b"<a>" * 300,
        b"a." * 150,
    ),
    *(b"1" * 5_000, b"-1", b"0.5", b"1e999", b"1e-999", b"NaN", b"Infinity", b"0x10", b"1_000", b"1" * 400),
    *(b"null", b"true", b"~", b'""', b"{}", b"[]", b'"\\ud800"', b'"\\u0000"', b"''", b"'''", b'"""'),
    *(b"&a ", b"*a", b"&a [*a]", b"<<: *a\n", b"!!python/name:os.system ", b"!!binary ", b"? [a, b]\n: c\n"),
    *(b"%YAML 9.9\n", b"---\n", b"...\n", b"|\n", b">\n", b"# ", b": ", b",", b"}", b"]", b"2026-01-01: x\n"),
    *(b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"]]>", b"<?xml version='9'?>", b"${a}", b"a" * 3_000),
    *(b"policy:\n", b"extends: policy.yml\n", b"version", b"severity", b"status", b"findings"),
)
_VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        0.5,
        10**400,
        1e300,
        "",
        " ",
        "0",
        "x",
        "\ud800",
        "\x00",
        "CRITICAL",
        "none",
    ),
    *(
        [],
        {},
        [[]],
        [None],
        [{}],
        {"": ""},
        [1, "a"],
        "2026-13-45",
        "é" * 300,
        {"findings": []},
        [[[[[[]]]]]],
    ),
)
_ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "utf-7", "latin-1", "utf-8-sig", "cp037")


@st.composite
def odd(draw: st.DrawFn, content: bytes) -> bytes:
    """The content, changed one to four times, and now and then not at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200) | st.sampled_from([b"", content, b" ", b"\n"]))
    structured = _is_json(content) and draw(st.integers(0, 3)) > 0
    if structured:
        content = _restructured(draw, content)
    # One changed byte makes most JSON none: then nothing is learnt of what reads the values.
    for _ in range(draw(st.sampled_from([0, 0, 0, 1])) if structured else draw(st.integers(1, 3))):
        content = _changed(draw, content)
    if draw(st.integers(0, 9)) == 0:
        text = content.decode("utf-8", "replace")
        content = text.encode(draw(st.sampled_from(_ENCODINGS)), "replace")
    return content


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def _changed(draw: st.DrawFn, content: bytes) -> bytes:
    at = draw(st.integers(0, len(content)))
    end = draw(st.integers(at, min(len(content), at + draw(st.sampled_from([1, 8, 60, 5_000])))))
    how = draw(st.sampled_from(["cut", "drop", "twice", "insert", "replace", "flip", "same"]))
    if how == "cut":
        return content[:at]
    if how == "drop":
        return content[:at] + content[end:]
    if how == "twice":
        return content[:end] + content[at:]
    if how == "insert":
        return content[:at] + draw(st.sampled_from(_PIECES)) + content[at:]
    if how == "replace":
        return content[:at] + draw(st.sampled_from(_PIECES)) + content[end:]
    if how == "flip" and content:
        place = min(at, len(content) - 1)
        return content[:place] + bytes([content[place] ^ draw(st.integers(1, 255))]) + content[place + 1 :]
    return content


def _restructured(draw: st.DrawFn, content: bytes) -> bytes:
    """JSON of which one to three values, keys or entries are others."""
    document = json.loads(content)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(document))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        how = draw(st.sampled_from(["value", "value", "lost", "renamed", "wrapped", "twice"]))
        if how == "value":
            holder[key] = copy.deepcopy(draw(st.sampled_from(_VALUES)))
        elif how == "lost":
            del holder[key]
        elif how == "wrapped":
            holder[key] = [holder[key]]
        elif isinstance(holder, dict):
            name = draw(st.sampled_from(["", "x", key.upper(), f"{key} ", "é"]))
            holder[name] = holder.pop(key)
        else:
            holder.append(copy.deepcopy(holder[key]))
    return json.dumps(document).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in list(items):
        yield value, key
        yield from _places(below)
