"""A Jenkinsfile -> tokens, as far as they are needed to find statements, strings and brackets.

https://groovy-lang.org/syntax.html: comments, names, numbers, and the six kinds of strings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex

_NAME = lazy_regex(r"[A-Za-z_$][\w$]*")
_NUMBER = lazy_regex(r"\d+(?:\.\d+)?\w*")
_PATH = lazy_regex(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_OPERATORS = ("===", "!==", "==~", "<=>", "**=", "...", "..<", "->", "==", "!=", "=~", "&&", "||", "?.", "*.",
              "..", "?:", "+=", "-=", "<<", ">=", "<=", "++", "--")  # fmt: skip
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " ", "\n": ""}
# Behind one of these a `/` divides; else it begins a string.
_ENDS_A_VALUE = frozenset({"name", "string", "number"})


class GroovyError(ValueError):
    """The message says what is wrong, with its line."""


@dataclass(frozen=True)
class Interpolation:
    """`${expression}` or `$name.name` in a string. text: without its sign and braces."""

    text: str
    line: int


@dataclass(frozen=True)
class Token:
    """parts: of a string, constants and interpolations. begin, end: its place in the text."""

    kind: Literal["name", "string", "number", "operator", "newline"]
    text: str
    begin: int
    end: int
    line: int
    parts: tuple[str | Interpolation, ...] = ()

    def is_operator(self, *texts: str) -> bool:
        return self.kind == "operator" and self.text in texts


def tokens(text: str) -> list[Token]:
    """Raises GroovyError for a string, a comment or an expression without its end."""
    return list(_Scanner(text).tokens())


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1

    def tokens(self) -> Iterator[Token]:
        last: Token | None = None
        if not self._at and self._text.startswith("#!"):
            self._at = self._find("\n", 0)
        while self._at < len(self._text):
            begin, line = self._at, self._line
            here = self._text[begin]
            if here in " \t\r\f":
                self._at += 1
                continue
            if self._text.startswith(("//", "/*"), begin):
                self._skip_comment()
                continue
            if here == "\\" and self._text.startswith("\\\n", begin):
                self._move(begin + 2)
                continue
            last = self._token(here, last, line)
            yield last

    def _token(self, here: str, last: Token | None, line: int) -> Token:
        text, begin = self._text, self._at
        if here == "\n":
            self._move(begin + 1)
            return Token("newline", here, begin, self._at, line)
        divides = last is not None and (last.kind in _ENDS_A_VALUE or last.is_operator(")", "]", "}"))
        for quote in ("'''", '"""', "'", '"', "$/", "/"):
            if text.startswith(quote, begin) and not (quote == "/" and divides):
                parts = tuple(self._string(quote))
                return Token("string", text[begin : self._at], begin, self._at, line, parts)
        for kind, pattern in (("name", _NAME), ("number", _NUMBER)):
            if found := pattern.match(text, begin):
                self._move(found.end())
                return Token(kind, found[0], begin, self._at, line)  # type: ignore[arg-type]
        operator = next((one for one in _OPERATORS if text.startswith(one, begin)), here)
        self._move(begin + len(operator))
        return Token("operator", operator, begin, self._at, line)

    def _move(self, to: int) -> None:
        self._line += self._text.count("\n", self._at, to)
        self._at = to

    def _find(self, mark: str, begin: int) -> int:
        end = self._text.find(mark, begin)
        return len(self._text) if end < 0 else end

    def _skip_comment(self) -> None:
        if self._text.startswith("//", self._at):
            self._move(self._find("\n", self._at))
            return
        end = self._text.find("*/", self._at)
        if end < 0:
            raise GroovyError(f"line {self._line}: a comment has no end")
        self._move(end + 2)

    def _string(self, quote: str) -> Iterator[str | Interpolation]:
        closing = {"$/": "/$"}.get(quote, quote)
        first = self._line
        text = self._text
        interpolates = quote in ('"', '"""', "$/", "/")
        self._move(self._at + len(quote))
        plain = ""
        while not text.startswith(closing, self._at):
            here = text[self._at : self._at + 1]
            if not here or (here == "\n" and quote in ("'", '"')):
                raise GroovyError(f"line {first}: a string has no end: {quote}")
            if here == "\\" and quote in ("/", "$/"):
                escaped = text[self._at + 1 : self._at + 2] == "/"
                plain += "/" if escaped else "\\"
                self._move(self._at + 1 + escaped)
            elif here == "\\":
                sign = text[self._at + 1 : self._at + 2]
                plain += _ESCAPES.get(sign, sign)
                self._move(self._at + 2)
            elif here == "$" and interpolates and (found := self._interpolation()):
                if plain:
                    yield plain
                plain = ""
                yield found
            else:
                plain += here
                self._move(self._at + 1)
        self._move(self._at + len(closing))
        if plain:
            yield plain

    def _interpolation(self) -> Interpolation | None:
        text, begin, line = self._text, self._at, self._line
        if not text.startswith("${", begin):
            if found := _PATH.match(text, begin + 1):
                self._move(found.end())
                return Interpolation(found[0], line)
            return None
        inner = _Scanner(text)
        inner._at, inner._line = begin + 2, line
        depth = 0
        for one in inner.tokens():
            if one.is_operator("{"):
                depth += 1
            elif one.is_operator("}"):
                if not depth:
                    self._move(one.end)
                    return Interpolation(text[begin + 2 : one.begin].strip(), line)
                depth -= 1
        raise GroovyError(f"line {line}: a ${{ has no end")
