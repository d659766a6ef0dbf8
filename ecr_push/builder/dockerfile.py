"""A Dockerfile -> its instructions and their words. Pure.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecr_push.base.regex import lazy_regex

_DIRECTIVE = lazy_regex(r"#\s*(\w+)\s*=\s*(.*)")
_HEREDOC = lazy_regex(r"(?<!\S)\d*<<(-?)([^<\s]+)")
_TAKES_HEREDOCS = frozenset({"RUN", "COPY", "ADD"})


def directives(text: str) -> dict[str, str]:
    """The parser directives, such as `escape`, the character with which lines go on: the file's head."""
    lines = text.removeprefix("\ufeff").splitlines()
    found: dict[str, str] = {}
    for line in lines[1:] if lines and lines[0].startswith("#!") else lines:
        match = _DIRECTIVE.fullmatch(line.strip())
        if not match:
            break
        found.setdefault(match[1].lower(), match[2].strip())
    return found


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Each instruction's keyword in capitals, and what follows, on one line; heredocs are left out."""
    lines = text.removeprefix("\ufeff").splitlines()
    heredocs = _Heredocs(lines)
    goes_on = re.compile(re.escape(directives(text).get("escape", "")[:1] or "\\") + r"[ \t]*$")
    at = 0
    while at < len(lines):
        if _is_remark(lines[at]):
            at += 1
            continue
        parts: list[str] = []
        while at < len(lines):
            line, at = lines[at], at + 1
            end = goes_on.search(line)
            # Comments and empty lines within an instruction do not end it.
            if not (parts and _is_remark(line)):
                parts.append(line[: end.start()] if end else line)
                if not end:
                    break
        keyword, _, rest = "".join(parts).strip().replace("\t", " ").partition(" ")
        keyword, rest = keyword.upper(), rest.strip()
        if keyword in _TAKES_HEREDOCS:
            at = heredocs.behind(rest, at)
        yield keyword, rest


def _is_remark(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


class _Heredocs:
    """The lines that belong to heredocs, whatever stands in them."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        # Where each line stands for the last time: a search for one that is further up would take long.
        self._last = {line: at for at, line in enumerate(lines)}
        self._last_indented = {line.lstrip("\t"): at for at, line in enumerate(lines)}

    def behind(self, rest: str, at: int) -> int:
        """The line behind the heredocs that an instruction begins. One without an end is quoted text."""
        for indented, quoted in _HEREDOC.findall(rest):
            end = unquoted(quoted)
            last = self._last_indented if indented else self._last
            if last.get(end, -1) < at:
                continue
            while (self._lines[at].lstrip("\t") if indented else self._lines[at]) != end:
                at += 1
            at += 1
        return at


def words(text: str) -> list[str]:
    """Splits at blanks outside of quotes, which stay."""
    found, word, quote, escaped = [], "", "", False
    for char in text:
        if char.isspace() and not quote and not escaped:
            found.append(word)
            word = ""
            continue
        word += char
        if escaped:
            escaped = False
        elif char == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
    return [word for word in (*found, word) if word]


def unquoted(text: str) -> str:
    return text.strip("\"'")
