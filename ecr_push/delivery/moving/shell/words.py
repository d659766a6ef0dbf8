"""A shell script -> tokens: words, whose quotes and expansions are known, and operators.

`shlex` of the standard library drops the quotes, and so cannot say whether a `$` is one.
"""

from __future__ import annotations

from bisect import bisect_left

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex

_NAME = lazy_regex(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]")
_OPERATORS = ("<<<", "<<-", "&>>", "&&", "||", ";;", "|&", "<<", ">>", ">&", "<&", "&>", ">|", "<>",
              ";", "&", "|", "(", ")", "<", ">")  # fmt: skip
_ENDS_A_WORD = " \t\r\n;&|()<>"
_MOST_LEVELS = 40
_ESCAPED_IN_QUOTES = '"\\$`\n'


class ShellError(ValueError):
    """A text that the reader does not take; its message says what, and the line is a number from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Literal:
    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Parameter:
    """`$NAME`, or `${NAME…}` with what follows the name."""

    name: str
    operation: str = ""
    quoted: bool = False
    text: str = ""


@dataclass(frozen=True)
class Substitution:
    """`$(script)` or in backticks. An arithmetic expansion, `$((…))`, has no script."""

    script: str
    line: int
    quoted: bool = False
    text: str = ""


@dataclass(frozen=True)
class Expression:
    """`${{ expression }}`: the CI puts its value in before the shell sees the script."""

    expression: str
    quoted: bool = False
    text: str = ""


Part = Literal | Parameter | Substitution | Expression


@dataclass(frozen=True)
class Token:
    """parts: of a word; an operator has none, and a line's end has the text of one.

    begin, end: its place in the script. What a here-document holds is left out.
    """

    text: str
    line: int
    begin: int
    end: int
    parts: tuple[Part, ...] = ()
    is_word: bool = False

    @property
    def plain(self) -> str | None:
        """The text of a word without quotes and expansions, as reserved words are."""
        if not self.is_word:
            return None
        if all(isinstance(part, Literal) and not part.quoted for part in self.parts):
            return "".join(part.text for part in self.parts if isinstance(part, Literal))
        return None


def tokens(script: str) -> tuple[list[Token], ShellError | None]:
    """The tokens up to a quote or a bracket without its end, and the error that names it."""
    found: list[Token] = []
    try:
        _Scanner(script).read(found)
    except ShellError as error:
        return found, error
    return found, None


def word(text: str) -> tuple[Part, ...]:
    """The parts of a text that stands where a word does, as behind `:-` in `${X:-text}`, with its blanks."""
    return _Scanner(text).parts("")


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._level = 0  # of quotes within brackets within quotes
        self._line_ends = [at for at, one in enumerate(text) if one == "\n"]
        self._waiting: list[tuple[str, bool]] = []  # here-documents whose lines come next

    def read(self, found: list[Token]) -> None:
        """Adds every token."""
        while True:
            self._skip_blanks()
            begin = self._at
            if begin >= len(self._text):
                return
            line = self._line(begin)
            if self._text[begin] == "\n":
                self._at += 1
                self._skip_documents()
                found.append(Token("\n", line, begin, begin + 1))
            elif operator := next((one for one in _OPERATORS if self._text.startswith(one, begin)), ""):
                self._at += len(operator)
                found.append(Token(operator, line, begin, self._at))
            else:
                parts = self.parts(_ENDS_A_WORD)
                text = self._text[begin : self._at]
                if found and found[-1].text in ("<<", "<<-") and not found[-1].is_word:
                    quoteless = text.replace("'", "").replace('"', "").replace("\\", "")
                    self._waiting.append((quoteless, found[-1].text == "<<-"))
                found.append(Token(text, line, begin, self._at, parts, is_word=True))

    def _line(self, at: int) -> int:
        return bisect_left(self._line_ends, at) + 1

    def _skip_blanks(self) -> None:
        text = self._text
        while self._at < len(text):
            if text[self._at] in " \t\r":
                self._at += 1
            elif text.startswith("\\\n", self._at) or text.startswith("\\\r\n", self._at):
                self._at = text.index("\n", self._at) + 1
            elif text[self._at] == "#":
                end = text.find("\n", self._at)
                self._at = len(text) if end < 0 else end
            else:
                return

    def _skip_documents(self) -> None:
        for name, strips in self._waiting:
            begin = self._at
            while True:
                if self._at >= len(self._text):
                    raise ShellError(self._line(begin), f"the here-document {name} has no end")
                end = self._text.find("\n", self._at)
                end = len(self._text) if end < 0 else end
                content = self._text[self._at : end]
                self._at = end + 1
                if (content.lstrip("\t") if strips else content) == name:
                    break
        self._waiting = []

    def parts(self, ends: str) -> tuple[Part, ...]:
        """Those up to one of the characters that end the word, outside of quotes."""
        found: list[Part] = []
        text = self._text
        while self._at < len(text) and self._text[self._at] not in ends:
            here = text[self._at]
            if here == "'":
                end = self._closing("'", self._at + 1)
                found.append(Literal(text[self._at + 1 : end], True))
                self._at = end + 1
            elif here == '"':
                found += self._quoted()
            elif here == "\\":
                if not text.startswith("\\\n", self._at):
                    found.append(Literal(text[self._at + 1 : self._at + 2], True))
                self._at += 2
            elif here in "$`":
                found.append(self._expansion(quoted=False))
            else:
                found.append(Literal(here))
                self._at += 1
        return _joined(found)

    def _quoted(self) -> list[Part]:
        found: list[Part] = [Literal("", True)]
        begin = self._at
        self._at += 1
        self._level += 1
        if self._level > _MOST_LEVELS:
            raise ShellError(self._line(begin), "it is nested too deeply")
        text = self._text
        while self._at < len(text):
            here = text[self._at]
            if here == '"':
                self._at += 1
                self._level -= 1
                return found
            if here == "\\" and text[self._at + 1 : self._at + 2] in tuple(_ESCAPED_IN_QUOTES):
                escaped = text[self._at + 1]
                found.append(Literal("" if escaped == "\n" else escaped, True))
                self._at += 2
            elif here in "$`":
                found.append(self._expansion(quoted=True))
            else:
                found.append(Literal(here, True))
                self._at += 1
        raise ShellError(self._line(begin), 'a " has no end')

    def _expansion(self, *, quoted: bool) -> Part:
        text, begin = self._text, self._at
        line = self._line(begin)
        if text[begin] == "`":
            self._at = self._closing("`", begin + 1) + 1
            return Substitution(text[begin + 1 : self._at - 1], line, quoted, text[begin : self._at])
        if text.startswith("${{", begin):
            end = text.find("}}", begin)
            if end < 0:
                raise ShellError(line, "a ${{ has no end")
            self._at = end + 2
            return Expression(text[begin + 3 : end].strip(), quoted, text[begin : self._at])
        if text.startswith("$(", begin):
            self._at = self._behind("(", ")", begin + 1)
            inner = text[begin + 2 : self._at - 1]
            script = "" if text.startswith("$((", begin) else inner
            return Substitution(script, line, quoted, text[begin : self._at])
        if text.startswith("${", begin):
            self._at = self._behind("{", "}", begin + 1)
            inner = text[begin + 2 : self._at - 1]
            if not (name := _NAME.match(inner.removeprefix("#") or "")):
                raise ShellError(line, f"{text[begin : self._at]} is not read")
            if inner.startswith("#"):
                return Parameter(name[0], "#", quoted, text[begin : self._at])
            return Parameter(name[0], inner[name.end() :], quoted, text[begin : self._at])
        if name := _NAME.match(text, begin + 1):
            self._at = name.end()
            return Parameter(name[0], "", quoted, text[begin : self._at])
        self._at += 1
        return Literal("$", quoted)

    def _closing(self, mark: str, at: int) -> int:
        end = self._text.find(mark, at)
        if end < 0:
            raise ShellError(self._line(at), f"a {mark} has no end")
        return end

    def _behind(self, opening: str, closing: str, begin: int) -> int:
        """The place behind the bracket that closes the one at begin; quoted ones do not count."""
        depth, at, text = 0, begin, self._text
        while at < len(text):
            here = text[at]
            if here == "\\":
                at += 1
            elif here == "'":
                at = self._closing("'", at + 1)
            elif here == '"':
                before, self._at = self._at, at
                self._quoted()
                before, self._at = self._at, before
                at = before - 1
            elif here == opening:
                depth += 1
            elif here == closing:
                depth -= 1
                if depth == 0:
                    return at + 1
            at += 1
        raise ShellError(self._line(begin), f"a {opening} has no end")


def _joined(parts: list[Part]) -> tuple[Part, ...]:
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, Literal) and isinstance(last, Literal) and part.quoted == last.quoted:
            joined[-1] = Literal(last.text + part.text, part.quoted)
        else:
            joined.append(part)
    return tuple(joined)
