"""Untrusted text -> text that is safe in a format: it must not become markup, a link or a command. Pure.

Every report writes untrusted text through one of these functions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import lru_cache
from typing import Any

from ecr_push.base.log import Paint, visible
from ecr_push.base.regex import lazy_regex

_ADDRESS = lazy_regex(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9._~:/?#@!$&'*+,;=%-]*)?")
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(maxsize=4096)  # names and versions repeat in thousands of findings
def one_line(text: str, longest: int = 0) -> str:
    """Returns text on one line, without control and bidirectional characters, cut at longest if given."""
    if not text.isprintable() or "  " in text or text[:1] == " " or text[-1:] == " ":
        text = " ".join(visible(" ".join(text.split())).split())
    if longest and len(text) > longest:
        text = text[: longest - 1].rstrip() + "…"
    return visible(text) if "##" in text else text


def log_line(line: str) -> str:
    """Returns a line that no CI takes as a command: GitHub's runner executes lines that start with `::`."""
    shown = visible(line)
    return shown.replace("::", ": :", 1) if shown.lstrip().startswith("::") else shown


# Each part of a line with its meaning, one of `palette.PALETTE` or ""; a text alone has none.
Line = str | tuple[tuple[str, str], ...]


def text_of(lines: Iterable[Line], paint: Paint) -> str:
    """Returns lines as text. Control characters are removed first, so the colours are ours alone."""
    return "\n".join(_finished(line, paint) for line in lines) + "\n"


def _finished(line: Line, paint: Paint) -> str:
    if isinstance(line, str):
        return log_line(line)
    (first, meaning), *others = line
    return paint(log_line(first), meaning) + "".join(paint(visible(text), of) for text, of in others)


def web_address(text: str) -> str:
    """Returns text if it is a plain http(s) address, otherwise ""."""
    return text if _ADDRESS.fullmatch(text) else ""


# ------------------------------------------------------------------------- JSON


def json_text(content: Mapping[str, Any], *, spread: Set[str] = frozenset()) -> str:
    """Returns JSON for people and for `grep`: one list item per line, except in the lists named in spread.

    Iterators stand for lists and are consumed piece by piece: there may be tens of thousands of findings.
    Characters that are not printable are escaped, so that a log or a terminal shows them as text.
    """
    text, pieces, size = "", [], 0
    for piece in _pieces(content, "\n", spread):
        safe = piece if piece.isascii() and piece.find("\x7f") < 0 else _BEYOND.sub(_escaped, piece)
        pieces.append(safe.replace("##", "#\\u0023") if "##" in safe else safe)
        size += len(safe)
        if size > _BLOCK:
            text += "".join(pieces)
            pieces, size = [], 0
    text += "".join([*pieces, "\n"])  # += avoids a copy
    return text


_BLOCK = 1 << 20
_BEYOND = lazy_regex(r"[^ -~\n]")


def _pieces(value: Any, indent: str, spread: Set[str], key: str = "") -> Iterator[str]:
    inner = indent + "  "
    if isinstance(value, Mapping) and value:
        for number, (name, of) in enumerate(value.items()):
            yield f"{',' if number else '{'}{inner}{_ENCODE(name)}: "
            yield from _pieces(of, inner, spread, name)
        yield indent + "}"
    elif isinstance(value, Iterator) or (isinstance(value, list) and value and isinstance(value[0], Mapping)):
        number = -1
        for number, of in enumerate(value):
            yield f"{',' if number else '['}{inner}"
            if key in spread:
                yield from _pieces(of, inner, spread)
            else:
                yield _ENCODE(of)
        yield indent + "]" if number >= 0 else "[]"
    else:
        yield _ENCODE(value)


def _escaped(found: re.Match[str]) -> str:
    return found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1]


# ------------------------------------------------------------------------- XML

_XML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def xml(text: str) -> str:
    """Returns text as XML content, with its line breaks. XML 1.0 has no control characters, even escaped."""
    return "\n".join(visible(line) for line in text.splitlines()).translate(_XML)


def xml_attribute(text: str) -> str:
    return one_line(text).translate(_XML)


# ------------------------------------------------------------------------- Markdown (GitHub's)

_SPECIAL = lazy_regex(r"[\\`*_\[\]<>&|~]")
# GitHub turns @name, #1, :name: and plain addresses into mentions, references, emoji and links. A zero-width
# space prevents it.
_MAGIC = lazy_regex(r"[@#]|:(?=//|[\w+-]+:)|(?i:www)(?=\.)")
_ENTITY = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def prose(text: str, longest: int = 300) -> str:
    """Returns text for the middle of a line of Markdown; at its start it could begin a block."""
    safe = _SPECIAL.sub(lambda found: _ENTITY.get(found[0], "\\" + found[0]), one_line(text, longest))
    # The way to write a literal dollar sign in GitHub's documentation.
    return _MAGIC.sub(r"\g<0>&#8203;", safe).replace("$", "<span>$</span>")


def code(text: str, longest: int = 200) -> str:
    """Returns text as a code span, where GitHub makes no mentions, links or emoji; also within a table."""
    shown = one_line(text, longest) or "-"
    if "|" in shown:  # in a table a span of backticks cannot hold every text with a pipe
        return "<code>" + "".join(c if c.isalnum() or c == " " else f"&#{ord(c)};" for c in shown) + "</code>"
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    blank = " " if "`" in (shown[0], shown[-1]) else ""
    return f"{fence}{blank}{shown}{blank}{fence}"


def fenced(text: str, language: str = "text") -> str:
    """Returns several lines as a code block."""
    lines = [visible(line) for line in text.splitlines()]
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *lines, fence])


def link(shown: str, address: str) -> str:
    """Returns shown, which is already safe Markdown, as a link if the address is valid."""
    target = web_address(address)
    return f"[{shown}](<{target}>)" if target else shown
