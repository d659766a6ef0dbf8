"""Text in the part of Handlebars that tag rules use -> Template. Pure.

Supported are `{{name}}`, `{{{name}}}`, `{{& name}}`, `{{~ name ~}}`, `{{! comments }}`, arguments in either
quote (`{{date 'YYYYMMDD' tz='Asia/Tokyo'}}`) and the escape `\\{{`. Blocks, partials, paths and the rest
of the language are mistakes. https://handlebarsjs.com/guide/expressions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.tags.metadata_action.mistakes import shortened

# The function behind an expression: gets its arguments by position, its options (`tz='…'`) by name.
Function = Callable[..., str]

_NEXT = lazy_regex(r"\\{0,2}\{\{")
_CLOSING = {"": lazy_regex(r"~?\}\}"), "}": lazy_regex(r"\}~?\}\}")}
_COMMENT_END = lazy_regex(r"\}\}")
_LONG_COMMENT_END = lazy_regex(r"--~?\}\}")
_SPACE = lazy_regex(r"\s*")
_STRING = lazy_regex(r""""((?:\\"|[^"])*)"|'((?:\\'|[^'])*)'""")
# As in Handlebars, a word ends at a blank, `=`, `~`, `}`, `/` or `.`.
_NAME = r"""[^\s!"#%-,./;->@\[-^`{-~]+"""
_WORD = lazy_regex(rf"{_NAME}(?:[./]{_NAME})*(?=[=~}}\s/.])")
_OPTION = lazy_regex(rf"({_NAME})\s*=\s*")

_ESCAPES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#x27;",
    "`": "&#x60;",
    "=": "&#x3D;",
}
_ESCAPED = lazy_regex("[" + "".join(_ESCAPES) + "]")

_UNSUPPORTED = {
    "#": "a block", "/": "the end of a block", "^": "an inverse block", ">": "a partial", "*": "a decorator"
}  # fmt: skip


class TemplateError(ValueError):
    """A template that cannot be parsed. The message is for the user."""


@dataclass(frozen=True)
class Expression:
    """`{{name 'argument' option='value'}}`.

    arguments: None stands for a word without quotes, which is undefined in Handlebars.
    escaped:   written with two braces, which Handlebars escapes for HTML.
    """

    text: str
    name: str
    arguments: tuple[str | None, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    escaped: bool = True


@dataclass(frozen=True)
class Template:
    """Literal text and expressions, in order. lone: the name of the expression if there is nothing else."""

    text: str
    parts: tuple[str | Expression, ...]
    lone: str = ""

    @property
    def expressions(self) -> tuple[Expression, ...]:
        return tuple(part for part in self.parts if isinstance(part, Expression))

    @property
    def constant(self) -> str | None:
        """The text that it always renders to, or None if that depends on facts."""
        return None if self.expressions else "".join(part for part in self.parts if isinstance(part, str))

    def render(self, functions: Mapping[str, Function], *, escape: bool = False) -> str:
        """Renders the template. functions has every name; escape: escape `{{…}}` for HTML like Handlebars."""
        return "".join(
            part if isinstance(part, str) else _call(part, functions, escape and part.escaped)
            for part in self.parts
        )


def _call(expression: Expression, functions: Mapping[str, Function], escape: bool) -> str:
    text = functions[expression.name](*expression.arguments, **dict(expression.options))
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text) if escape else text


EMPTY = Template("", ())


def literal(text: str) -> Template:
    """Returns a template that renders to text unchanged."""
    return Template(text, (text,)) if text else EMPTY


def parse_template(text: str) -> Template:
    """Parses a template. Raises TemplateError."""
    if "{{" not in text:
        return literal(text)
    if "${{" in text:
        raise TemplateError(
            "${{ … }} is expanded only in a GitHub workflow file, not here: "
            "use {{branch}}, {{tag}}, {{is_default_branch}} and so on"
        )
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.parts: list[str | Expression] = []
        self.statements = 0
        self.strip_next = False  # the part before ended with `~}}`

    def parse(self) -> Template:
        while (start := self.text.find("{{", self.at)) >= 0:
            before = self.text[self.at : start]
            if before.endswith("\\") and not before.endswith("\\\\"):
                self._literal(before[:-1])
                following = _NEXT.search(self.text, start + 2)
                self.at = following.start() if following else len(self.text)
                self._literal(self.text[start : self.at])
                continue
            self._literal(before[:-1] if before.endswith("\\\\") else before)
            self.at = start
            self._statement()
        self._literal(self.text[self.at :])
        first = self.parts[0] if len(self.parts) == 1 and self.statements == 1 else ""
        lone = first.name if isinstance(first, Expression) else ""
        return Template(self.text, tuple(part for part in self.parts if part), lone)

    def _literal(self, text: str) -> None:
        if text:
            self.parts.append(text.lstrip() if self.strip_next else text)
            self.strip_next = False
            self.statements += 1

    def _statement(self) -> None:
        start = self.at
        self.statements += 1
        if self.text.startswith("{{{{", start):
            raise self._mistake(start, "a raw block is not supported")
        strips_before = self.text.startswith("{{~", start)
        self.at = start + (3 if strips_before else 2)
        if strips_before and self.parts and isinstance(self.parts[-1], str):
            self.parts[-1] = self.parts[-1].rstrip()
        kind = self.text[self.at : self.at + 1]
        if kind == "!":
            self._comment(start)
            return
        if kind in _UNSUPPORTED:
            raise self._mistake(start, f"{_UNSUPPORTED[kind]} is not supported")
        if kind in ("{", "&"):
            self.at += 1
        self.parts.append(self._expression(start, "}" if kind == "{" else "", escaped=kind not in ("{", "&")))

    def _comment(self, start: int) -> None:
        long = self.text.startswith("!--", self.at)
        end = (_LONG_COMMENT_END if long else _COMMENT_END).search(self.text, self.at + 1)
        if not end:
            raise self._mistake(start, f"the comment is not closed by {'--}}' if long else '}}'}")
        self.at = end.end()
        self.strip_next = self.text[self.at - 3] == "~"
        self.parts.append("")  # so that `~` affects only the next part

    def _expression(self, start: int, brace: str, *, escaped: bool) -> Expression:
        self._skip_space()
        name = self._word()
        arguments: list[str | None] = []
        options: dict[str, str] = {}
        while not (closing := self._closing(brace)):
            if option := _OPTION.match(self.text, self.at):
                self.at = option.end()
                value = self._string()
                if value is None:
                    raise self._mistake(start, f"the value of {option[1]}= must be in quotes")
                if option[1] in options:
                    raise self._mistake(start, f"{option[1]}= is given twice")
                options[option[1]] = value
            elif (argument := self._string()) is not None:
                if options:
                    raise self._mistake(start, f"{argument!r} must come before {next(iter(options))}=")
                arguments.append(argument)
            elif name and self._word():
                arguments.append(None)
            elif not _CLOSING[brace].search(self.text, self.at):
                raise self._mistake(start, f"it is not closed by {brace}}}}}")
            else:
                raise self._mistake(
                    start, "it is not an expression like {{name}} or {{date 'YYYYMMDD' tz='UTC'}}"
                )
            self._skip_space()
        if not name:
            raise self._mistake(start, "the name is missing")
        self.at = closing.end()
        self.strip_next = "~" in closing[0]
        text = self.text[start : self.at]
        return Expression(text, name, tuple(arguments), tuple(options.items()), escaped)

    def _closing(self, brace: str) -> re.Match[str] | None:
        self._skip_space()
        closing = _CLOSING[brace].match(self.text, self.at)
        return None if closing and not brace and self.text.startswith("}}}", self.at) else closing

    def _word(self) -> str:
        word = _WORD.match(self.text, self.at)
        self.at = word.end() if word else self.at
        return word[0] if word else ""

    def _string(self) -> str | None:
        found = _STRING.match(self.text, self.at)
        if not found:
            return None
        self.at = found.end()
        return found[2].replace("\\'", "'") if found[1] is None else found[1].replace('\\"', '"')

    def _skip_space(self) -> None:
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at

    def _mistake(self, start: int, why: str) -> TemplateError:
        end = self.text.find("}}", start)
        part = self.text[start : end + 2 if end >= 0 else None]
        return TemplateError(f"{shortened(part)}: {why}")
