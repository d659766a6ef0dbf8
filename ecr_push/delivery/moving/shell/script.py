"""Tokens -> commands: simple ones, lists, `if`, `for` and groups. Others are kept as text: see Opaque.

What is read is POSIX's grammar (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html)
and bash's `[[ … ]]`. `while`, `until`, `case`, functions and arithmetic are not.
"""

from __future__ import annotations

from ecr_push.base.regex import lazy_regex
from ecr_push.delivery.moving.shell.nodes import AndOr, For, Group, If, Node, Opaque, Pipeline, Simple, Word
from ecr_push.delivery.moving.shell.words import Literal, ShellError, Token, tokens

_ASSIGNMENT = lazy_regex(r"([A-Za-z_][A-Za-z0-9_]*)(\+?=)(.*)")
_REDIRECTIONS = frozenset({"<", ">", ">>", "<<", "<<-", "<<<", ">&", "<&", "&>", "&>>", ">|", "<>"})
_DIGITS = lazy_regex(r"[0-9]+")
_CLOSES = {"while": "done", "until": "done", "case": "esac", "select": "done"}
_OPENS_ALIKE = {"done": ("while", "until", "for", "select"), "esac": ("case",)}
_RESERVED = frozenset({"then", "elif", "else", "fi", "do", "done", "}", "esac"})
_MOST_LEVELS = 40


def parse(script: str) -> tuple[Node, ...]:
    """The commands of a script. From the first that is not understood on, the rest is one Opaque."""
    script = script.replace("\r\n", "\n")
    read, error = tokens(script)
    parser = _Parser(script, read)
    found: list[Node] = []
    while parser.skip_separators():
        begin = parser.here
        try:
            found.append(parser.list_item())
            if error and parser.is_at_end:  # it may go on behind what was read
                raise error
        except ShellError as wrong:
            why = str(error or wrong)
            found = [one for one in found if one.line < begin.line]
            found.append(Opaque(begin.line, script[begin.begin :].rstrip(), why))
            return tuple(found)
    if error:
        rest = script[read[-1].end if read else 0 :]
        found.append(Opaque(error.line, rest.strip(), str(error)))
    return tuple(found)


class _Parser:
    def __init__(self, script: str, found: list[Token]) -> None:
        self._script = script
        self._tokens = found
        self._at = 0
        self._level = 0

    @property
    def here(self) -> Token:
        if self._at < len(self._tokens):
            return self._tokens[self._at]
        return Token("", self._tokens[-1].line if self._tokens else 1, len(self._script), len(self._script))

    @property
    def is_at_end(self) -> bool:
        return self._at >= len(self._tokens)

    def _is(self, *operators: str) -> bool:
        return not self.here.is_word and self.here.text in operators

    def _text_from(self, begin: Token) -> str:
        last = self._tokens[self._at - 1]
        return self._script[begin.begin : last.end]

    def skip_separators(self) -> bool:
        """Whether there is a command behind line ends and semicolons."""
        while self._is("\n", ";", "&"):
            self._at += 1
        return self._at < len(self._tokens)

    def list_item(self) -> Node:
        begin = self.here
        first = self._pipeline()
        rest: list[tuple[str, Node]] = []
        while self._is("&&", "||"):
            operator = self.here.text
            self._at += 1
            while self._is("\n"):
                self._at += 1
            rest.append((operator, self._pipeline()))
        return AndOr(first, tuple(rest), begin.line, self._text_from(begin)) if rest else first

    def _pipeline(self) -> Node:
        begin = self.here
        negated = begin.plain == "!"
        self._at += negated
        commands = [self._command()]
        while self._is("|", "|&"):
            self._at += 1
            while self._is("\n"):
                self._at += 1
            commands.append(self._command())
        if len(commands) == 1 and not negated:
            return commands[0]
        return Pipeline(tuple(commands), negated, begin.line, self._text_from(begin))

    def _command(self) -> Node:
        self._level += 1
        if self._level > _MOST_LEVELS:
            raise ShellError(self.here.line, "it is nested too deeply")
        begin = self.here
        reserved = begin.plain or ""
        if reserved == "if":
            node: Node = self._if(begin)
        elif reserved == "for":
            node = self._for(begin)
        elif reserved == "{" or self._is("("):
            self._at += 1
            body = self._body("}" if reserved else ")")
            node = Group(body, not reserved, begin.line, self._text_from(begin))
        elif reserved in _CLOSES:
            node = self._up_to(_CLOSES[reserved], begin)
        elif reserved == "function" or self._opens_function():
            node = self._function(begin)
        elif reserved in _RESERVED:
            raise ShellError(begin.line, f"`{reserved}` stands where a command is expected")
        else:
            node = self._simple(begin)
        self._level -= 1
        if not isinstance(node, Simple):
            self._redirections()
        return node

    def _body(self, *closings: str) -> tuple[Node, ...]:
        """The commands up to a closing word or bracket, which is read too."""
        begin = self.here
        found: list[Node] = []
        while True:
            if not self.skip_separators():
                raise ShellError(begin.line, f"`{closings[-1]}` is missing")
            if self.here.plain in closings or self._is(*closings):
                self._at += 1
                return tuple(found)
            found.append(self.list_item())

    def _if(self, begin: Token) -> If:
        branches: list[tuple[tuple[Node, ...], str, tuple[Node, ...]]] = []
        otherwise: tuple[Node, ...] = ()
        closing = "if"
        while closing in ("if", "elif"):
            self._at += closing == "if"
            first = self.here
            condition = self._body("then")
            text = self._script[first.begin : self._tokens[self._at - 1].begin].strip("; \n\t")
            body = self._body("elif", "else", "fi")
            branches.append((condition, text, body))
            closing = self._tokens[self._at - 1].text
        if closing == "else":
            otherwise = self._body("fi")
        return If(tuple(branches), otherwise, begin.line, self._text_from(begin))

    def _for(self, begin: Token) -> Node:
        self._at += 1
        name = self.here.plain or ""
        self._at += 1
        if self.here.plain != "in":
            return self._up_to("done", begin)
        self._at += 1
        words: list[Word] = []
        while self.here.is_word:
            words.append(self.here.parts)
            self._at += 1
        self.skip_separators()
        if self.here.plain != "do":
            raise ShellError(begin.line, "`do` is missing")
        self._at += 1
        return For(name, tuple(words), self._body("done"), begin.line, self._text_from(begin))

    def _up_to(self, closing: str, begin: Token) -> Opaque:
        depth = 1
        self._at += 1
        while self._at < len(self._tokens):
            word = self.here.plain or ""
            depth += word in _OPENS_ALIKE[closing]
            depth -= word == closing
            self._at += 1
            if not depth:
                text = self._text_from(begin)
                return Opaque(begin.line, text, f"`{begin.text}` is not taken apart")
        raise ShellError(begin.line, f"`{closing}` is missing")

    def _opens_function(self) -> bool:
        following = [token.text for token in self._tokens[self._at + 1 : self._at + 3] if not token.is_word]
        return self.here.is_word and following == ["(", ")"]

    def _function(self, begin: Token) -> Opaque:
        self._at += 2 if begin.text == "function" else 1
        while self._is("(", ")", "\n"):
            self._at += 1
        self._command()
        return Opaque(begin.line, self._text_from(begin), "a function is not taken apart")

    def _redirections(self) -> Word:
        """Reads those that follow; the file that one writes."""
        target: Word = ()
        while True:
            number = self._tokens[self._at + 1 : self._at + 2]
            here = self.here
            is_number = bool(
                here.plain and _DIGITS.fullmatch(here.plain) and number and number[0].begin == here.end
                and number[0].text in _REDIRECTIONS
            )  # fmt: skip
            self._at += is_number
            if not self._is(*_REDIRECTIONS):
                return target
            operator = self.here.text
            self._at += 1
            if not self.here.is_word:
                raise ShellError(self.here.line, f"no file stands behind `{operator}`")
            if operator in (">", ">>", ">|") and not is_number and self.here.text != "/dev/null":
                target = self.here.parts
            self._at += 1

    def _simple(self, begin: Token) -> Simple:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        target: Word = ()
        bracket = begin.plain == "[["
        while self._at < len(self._tokens):
            target = target if bracket else self._redirections() or target
            here = self.here
            if bracket and not here.is_word and here.text != "\n":
                words.append((Literal(here.text),))
            elif not here.is_word:
                break
            elif not words and (assigned := assignment(here.parts)):
                assignments.append(assigned)
            else:
                words.append(here.parts)
                bracket = bracket and here.plain != "]]"
            self._at += 1
        if not words and not assignments and not target:
            raise ShellError(begin.line, f"`{begin.text.strip()}` stands where a command is expected")
        end = self._tokens[self._at - 1].line
        text = self._text_from(begin)
        return Simple(tuple(words), begin.line, end, text, tuple(assignments), target)


def assignment(parts: Word) -> tuple[str, Word] | None:
    """The name that a word assigns to, with a `+` where it adds, and the value; None for another word."""
    first = parts[0] if parts else None
    if not isinstance(first, Literal) or first.quoted:
        return None
    found = _ASSIGNMENT.fullmatch(first.text)
    if not found:
        return None
    name = found[1] + ("+" if found[2] == "+=" else "")
    rest = (Literal(found[3]),) if found[3] else ()
    return name, (*rest, *parts[1:])
