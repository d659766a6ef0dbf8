"""Tokens of Groovy -> statements, and the blocks and brackets within them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from ecr_push.base.dataclass import dataclass
from ecr_push.delivery.moving.jenkins.groovy import GroovyError, Token, tokens

_CLOSING = {"(": ")", "[": "]", "{": "}"}
# A line that ends with one of these goes on, and one that begins with one of the others went on.
_GOES_ON = frozenset({",", "+", "-", "*", "=", "==", "!=", "&&", "||", "?", ":", "?:", ".", "?.", "<<", "+="})
_WENT_ON = frozenset({".", "?.", "?", ":", "&&", "||", "?:"})
_WENT_ON_WORDS = frozenset({"else", "catch", "finally"})
_MOST_LEVELS = 100


@dataclass(frozen=True, eq=False)
class Group:
    """`(…)`, `[…]` or `{…}`. items: with line ends among them. begin, end: with its brackets."""

    opening: str
    items: tuple[Token | Group, ...]
    begin: int
    end: int
    line: int

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        return divided(self.items)


Item = Token | Group


@dataclass(frozen=True, eq=False)
class Statement:
    items: tuple[Item, ...]

    @property
    def begin(self) -> int:
        return self.items[0].begin

    @property
    def end(self) -> int:
        return self.items[-1].end

    @property
    def line(self) -> int:
        return self.items[0].line

    def word(self, at: int) -> str:
        """The name at a place; "" for what is not a name, and behind the end."""
        one = self.items[at] if -len(self.items) <= at < len(self.items) else None
        return one.text if isinstance(one, Token) and one.kind == "name" else ""

    def block(self) -> Group | None:
        """The `{…}` that it ends with."""
        last = self.items[-1]
        return last if isinstance(last, Group) and last.opening == "{" else None


def parse(text: str) -> tuple[Statement, ...]:
    """The statements of a file. Raises GroovyError."""
    found = tokens(text)
    items, at = _items(found, 0, "", 0)
    if at < len(found):
        raise GroovyError(f"line {found[at].line}: `{found[at].text}` closes nothing")
    return divided(items)


def _items(found: Sequence[Token], at: int, closing: str, level: int) -> tuple[tuple[Item, ...], int]:
    """The items up to a closing bracket, and the place of that."""
    if level > _MOST_LEVELS:
        raise GroovyError(f"line {found[at].line}: it is nested too deeply")
    items: list[Item] = []
    while at < len(found):
        one = found[at]
        if one.is_operator(")", "]", "}"):
            if one.text == closing or not closing:
                return tuple(items), at
            raise GroovyError(f"line {one.line}: `{closing}` is missing before `{one.text}`")
        if one.is_operator("(", "[", "{"):
            inner, end = _items(found, at + 1, _CLOSING[one.text], level + 1)
            if end >= len(found):
                raise GroovyError(f"line {one.line}: `{one.text}` has no end")
            items.append(Group(one.text, inner, one.begin, found[end].end, one.line))
            at = end
        else:
            items.append(one)
        at += 1
    return tuple(items), at


def divided(items: Sequence[Item]) -> tuple[Statement, ...]:
    """The statements of a block's items, without the parameters of a closure."""
    arrow = next((n for n, one in enumerate(items) if isinstance(one, Token) and one.is_operator("->")), None)
    if arrow is not None and all(isinstance(one, Token) and one.kind != "string" for one in items[:arrow]):
        items = items[arrow + 1 :]
    found: list[Statement] = []
    current: list[Item] = []
    for number, one in enumerate(items):
        if isinstance(one, Token) and one.is_operator(";"):
            ends = True
        elif isinstance(one, Token) and one.kind == "newline":
            ends = not _goes_on(current, items[number + 1 :])
        else:
            current.append(one)
            continue
        if ends and current:
            found.append(Statement(tuple(current)))
            current = []
    if current:
        found.append(Statement(tuple(current)))
    return tuple(found)


def _goes_on(current: Sequence[Item], following: Sequence[Item]) -> bool:
    last = current[-1] if current else None
    if isinstance(last, Token) and last.kind == "operator" and last.text in _GOES_ON:
        return True
    after = next((one for one in following if not (isinstance(one, Token) and one.kind == "newline")), None)
    if not isinstance(after, Token):
        return False
    return after.text in _WENT_ON if after.kind == "operator" else after.text in _WENT_ON_WORDS


def arguments(group: Group | Statement) -> tuple[tuple[str, tuple[Item, ...]], ...]:
    """The arguments of a call, each with its name; "" for those without one."""
    found: list[tuple[str, tuple[Item, ...]]] = []
    current: list[Item] = []
    plain = [one for one in group.items if not (isinstance(one, Token) and one.kind == "newline")]
    for one in [*plain, None]:
        if one is None or (isinstance(one, Token) and one.is_operator(",")):
            if current:
                found.append(_named(tuple(current)))
            current = []
        else:
            current.append(one)
    return tuple(found)


def _named(items: tuple[Item, ...]) -> tuple[str, tuple[Item, ...]]:
    first, *rest = items
    if isinstance(first, Token) and rest and isinstance(rest[0], Token) and rest[0].is_operator(":"):
        name = "".join(part for part in first.parts if isinstance(part, str)) if first.parts else first.text
        return name, tuple(rest[1:])
    return "", items
