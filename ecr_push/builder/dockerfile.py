"""A Dockerfile -> its instructions and their words, and its stages with what they are made of. Pure.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex

_DIRECTIVE = lazy_regex(r"#\s*(\w+)\s*=\s*(.*)")
_HEREDOC = lazy_regex(r"(?<!\S)\d*<<(-?)([^<\s]+)")
_FROM = lazy_regex(r"(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*", re.IGNORECASE)
_VARIABLE = lazy_regex(r"\$(?:(\w+)|\{(\w+)(?::?-([^{}]*))?\})")

_MAX_NAME = 4_096  # characters of an image's name, and of an argument's value
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


@dataclass(eq=False)
class Stage:
    """name: in lower case, "" for none. base: what FROM names, with the arguments that are known in it.

    steps: its instructions, as `instructions` gives them.
    """

    name: str
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    @property
    def sources(self) -> tuple[str, ...]:
        """The stages and images that it is made of: its base, and what its steps copy from or mount."""
        return (self.base, *(one for keyword, rest in self.steps for one in _sources(keyword, rest)))


def stages_of(text: str, args: Mapping[str, str]) -> list[Stage]:
    """All stages. args: the build arguments, of which the name of a base may be made."""
    stages: list[Stage] = []
    known: dict[str, str] = {}
    for keyword, rest in instructions(text):
        if keyword == "ARG" and not stages:  # of these alone a base can be made
            for word in words(rest):
                name, _, default = word.partition("=")
                known[name] = args.get(name, _expanded(unquoted(default), known))
        elif keyword == "FROM" and (match := _FROM.fullmatch(rest)):
            stages.append(Stage((match[2] or "").lower(), _expanded(unquoted(match[1]), known)))
        elif stages:
            stages[-1].steps.append((keyword, rest))
    return stages


def target_of(stages: Sequence[Stage], target: str) -> int | None:
    """The place of the stage to build; None where there is none. target: its name or number, "" the last."""
    if not target:
        return len(stages) - 1 if stages else None
    named = next((at for at, stage in enumerate(stages) if stage.name == target.lower()), None)
    numbered = int(target) if re.fullmatch("[0-9]{1,4}", target) else len(stages)
    return named if named is not None else numbered if numbered < len(stages) else None


def place_of(name: str, stages: Sequence[Stage], at: int) -> int | None:
    """The place of the stage that the stage at this place means by a name; None for an image."""
    named = (below for below in reversed(range(at)) if stages[below].name == name.lower() != "")
    numbered = int(name) if re.fullmatch("[0-9]{1,4}", name) else at
    return next(named, numbered if numbered < at else None)


def built(stages: Sequence[Stage], target: str) -> list[Stage]:
    """The stage that is built, and those that it is made of; all where that is not known."""
    wanted = target_of(stages, target)
    if wanted is None or any("$" in one for stage in stages for one in stage.sources):
        return list(stages)
    found: set[int] = set()
    waiting = [wanted]
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            places = (place_of(one, stages, at) for one in stages[at].sources)
            waiting += [place for place in places if place is not None]
    return [stages[at] for at in sorted(found)]


def flags_of(rest: str) -> Iterator[tuple[str, str]]:
    """The flags at the beginning of an instruction: each with its value."""
    for word in words(rest):
        if not word.startswith("--"):
            return
        flag, _, value = unquoted(word).partition("=")
        yield flag, value


def mount_of(text: str) -> Mapping[str, str]:
    """The keys of a RUN's --mount; none where BuildKit says what is wrong."""
    try:
        pairs = [one.partition("=") for one in next(csv.reader([text]), [])]
    except csv.Error:
        return {}
    return {key.strip().lower(): value for key, _, value in pairs}


def _sources(keyword: str, rest: str) -> Iterator[str]:
    if keyword not in ("RUN", "COPY", "ADD"):
        return
    for flag, value in flags_of(rest):
        if flag == "--from":
            yield value
        elif flag == "--mount" and (source := mount_of(value).get("from")):
            yield source


def _expanded(text: str, known: Mapping[str, str]) -> str:
    """Variables that are known by their values; the others stay. What is too long for a name stays, too."""
    if len(text) > _MAX_NAME:
        return text

    def value(match: re.Match[str]) -> str:
        return known.get(match[1] or match[2]) or match[3] or match[0]

    return _VARIABLE.sub(value, text)[:_MAX_NAME]
