"""Text from outside, as text: a title or a name must not become markup, a link or a command.

Every report writes what it was told through one of these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Set
from functools import lru_cache
from typing import Any

from ecr_push.base.log import visible

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/[A-Za-z0-9._~:/?#@!$&'*+,;=%-]*)?")
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(maxsize=4096)  # names, versions and words come again for thousands of findings
def one_line(text: str, longest: int = 0) -> str:
    """text on one line, without control characters and overrides of direction; cut at longest, if given."""
    if not text.isprintable() or "  " in text or text[:1] == " " or text[-1:] == " ":
        text = " ".join(visible(" ".join(text.split())).split())
    if longest and len(text) > longest:
        text = text[: longest - 1].rstrip() + "…"
    return visible(text) if "##" in text else text


def log_line(line: str) -> str:
    """A line that no CI takes for a command: GitHub's runner obeys lines that begin with `::`."""
    shown = visible(line)
    return shown.replace("::", ": :", 1) if shown.lstrip().startswith("::") else shown


def web_address(text: str) -> str:
    """text itself where it is a plain http(s) address, else an empty one: a link leads nowhere else."""
    return text if _ADDRESS.fullmatch(text) else ""


# ------------------------------------------------------------------------- JSON


def json_text(content: Mapping[str, Any], *, spread: Set[str] = frozenset()) -> str:
    """JSON for people and for `grep`: one item of a list a line, except in the lists named in spread.

    Iterators stand for lists, and are used up piece by piece: there may be tens of thousands of findings.
    What is not printable is written as an escape, so that a log or a terminal shows it as text.
    """
    text, pieces, size = "", [], 0
    for piece in _pieces(content, "\n", spread):
        safe = piece if piece.isascii() and piece.find("\x7f") < 0 else _BEYOND.sub(_escaped, piece)
        pieces.append(safe.replace("##", "#\\u0023") if "##" in safe else safe)
        size += len(safe)
        if size > _BLOCK:
            text += "".join(pieces)
            pieces, size = [], 0
    text += "".join([*pieces, "\n"])  # in place, which a sum of the two would not be
    return text


_BLOCK = 1 << 20
_BEYOND = re.compile(r"[^ -~\n]")


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
    """text as content, its line breaks kept. Control characters have no place in XML 1.0, escaped or not."""
    return "\n".join(visible(line) for line in text.splitlines()).translate(_XML)


def xml_attribute(text: str) -> str:
    return one_line(text).translate(_XML)


# ------------------------------------------------------------------------- Markdown (GitHub's)

_SPECIAL = re.compile(r"[\\`*_\[\]<>&|~]")
# GitHub makes mentions of @name, references of #1, emoji of :name:, links of bare addresses. A space without
# width between stops it.
_MAGIC = re.compile(r"[@#]|:(?=//|[\w+-]+:)|(?i:www)(?=\.)")
_ENTITY = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def prose(text: str, longest: int = 300) -> str:
    """text within a line of Markdown. It never begins a block: something of ours stands before it."""
    safe = _SPECIAL.sub(lambda found: _ENTITY.get(found[0], "\\" + found[0]), one_line(text, longest))
    # As GitHub's documentation has it, for a dollar sign that begins no formula.
    return _MAGIC.sub(r"\g<0>&#8203;", safe).replace("$", "<span>$</span>")


def code(text: str, longest: int = 200) -> str:
    """text as a code span, in which GitHub sees no mentions, links and emoji; also within a table."""
    shown = one_line(text, longest) or "-"
    if "|" in shown:  # in a table a span of backticks cannot hold every text with a pipe
        return "<code>" + "".join(c if c.isalnum() or c == " " else f"&#{ord(c)};" for c in shown) + "</code>"
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    blank = " " if "`" in (shown[0], shown[-1]) else ""
    return f"{fence}{blank}{shown}{blank}{fence}"


def fenced(text: str) -> str:
    """Several lines as a code block."""
    lines = [visible(line) for line in text.splitlines()]
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}text", *lines, fence])


def link(shown: str, address: str) -> str:
    """Markdown that is already safe, with a link where there is an address for one."""
    target = web_address(address)
    return f"[{shown}](<{target}>)" if target else shown
