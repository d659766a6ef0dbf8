"""JavaScript's regular expressions -> Python's. Pure.

https://262.ecma-international.org/#sec-patterns, with its annex B: without the flags `u` and `v`, much
invalid syntax is literal text. Differences that matter:

- `\\d`, `\\w`, `\\b` are ASCII, `\\s` is not; `$` is the very end; `.` stops at four kinds of line end.
- A reference to a group that did not match matches the empty text, and so always succeeds.
- A group within a repeated part is reset at each repetition, and an empty repetition does not count.
  Python differs, so such groups are called unreliable, and no rule may use one.
- JavaScript matches UTF-16 units and Python characters, so that `.` matches a whole emoji.
"""

from __future__ import annotations

import re

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.tags.metadata_action import char_set
from ecr_push.tags.metadata_action.char_set import CLASS_LETTERS, Ranges
from ecr_push.tags.metadata_action.pattern_class import ClassParser
from ecr_push.tags.metadata_action.pattern_groups import GROUP_NAME, Groups, groups_of
from ecr_push.tags.metadata_action.pattern_scanner import PatternError, Scanner

_BRACES = lazy_regex(r"\{([0-9]+)(,([0-9]*))?\}")
_MODIFIERS = lazy_regex(r"\(\?([ims]*)(?:-([ims]*))?:")
_DECIMAL = lazy_regex(r"[1-9][0-9]*")
_MANY = 2**31  # Python's re does not count further


@dataclass(frozen=True)
class Translated:
    source: str
    groups: int
    unreliable: frozenset[int]


@dataclass(frozen=True)
class _Piece:
    """A translated part.

    nullable: it may match nothing; shy: it may try nothing first (`a??`, `|a`).
    groups:   those within; optional: those of them that a match may leave empty.
    """

    source: str
    nullable: bool
    groups: frozenset[int] = frozenset()
    optional: frozenset[int] = frozenset()
    shy: bool = False


def translate(source: str, flags: str) -> Translated:
    """Translates a JavaScript expression to Python. Raises PatternError."""
    parser = _Parser(Scanner(source, unicode="u" in flags or "v" in flags), flags, groups_of(source))
    piece = parser.alternatives(flags)
    if not parser.scanner.done:
        raise PatternError(f"the ) at {parser.scanner.rest()!r} was not opened")
    groups = parser.groups
    if groups.referred & groups.unreliable:
        raise PatternError("a reference to a group within a repetition is not supported")
    return Translated(piece.source, groups.count, frozenset(groups.unreliable))


class _Parser:
    def __init__(self, scanner: Scanner, flags: str, groups: Groups) -> None:
        self.scanner = scanner
        self.classes = ClassParser(scanner, sets="v" in flags)
        self.groups = groups
        self.depth = 0

    def alternatives(self, flags: str) -> _Piece:
        self.depth += 1
        if self.depth > 50:
            raise PatternError("groups are nested more than 50 deep")
        pieces = [self._sequence(flags)]
        while self.scanner.take("|"):
            pieces.append(self._sequence(flags))
        self.depth -= 1
        if len(pieces) == 1:
            return pieces[0]
        groups = frozenset[int]().union(*(piece.groups for piece in pieces))
        source = "|".join(piece.source for piece in pieces)
        shy = any(piece.shy for piece in pieces) or any(piece.nullable for piece in pieces[:-1])
        return _Piece(source, any(piece.nullable for piece in pieces), groups, groups, shy)

    def _sequence(self, flags: str) -> _Piece:
        sources: list[str] = []
        nullable, groups, optional, shy = True, frozenset[int](), frozenset[int](), False
        while not self.scanner.done and self.scanner.peek() not in "|)":
            piece = self._term(flags)
            sources.append(piece.source)
            nullable = nullable and piece.nullable
            groups, optional = groups | piece.groups, optional | piece.optional
            shy = shy or piece.shy
        return _Piece("".join(sources), nullable, groups, optional, shy)

    def _term(self, flags: str) -> _Piece:
        scanner = self.scanner
        if scanner.take("^"):
            return self._assertion("(?<![^\\n\\r\\u2028\\u2029])" if "m" in flags else "\\A")
        if scanner.take("$"):
            return self._assertion("(?![^\\n\\r\\u2028\\u2029])" if "m" in flags else "\\Z")
        if scanner.take("\\b"):
            return self._assertion(self._boundary(flags))
        if scanner.take("\\B"):
            return self._assertion(
                f"(?!{self._boundary(flags)})"
            )  # Python's own \B never holds in an empty text
        for look in ("(?=", "(?!", "(?<=", "(?<!"):
            if scanner.take(look):
                inner = self._closed(flags)
                lost = inner.groups if look.endswith("!") else inner.optional
                piece = _Piece(f"{look}{inner.source})", True, inner.groups, lost)
                is_ahead = look in ("(?=", "(?!")
                if scanner.unicode or not is_ahead:
                    return self._unquantified(piece)
                return self._quantified(_Piece(f"(?:{piece.source})", True, piece.groups, piece.optional))
        return self._quantified(self._atom(flags))

    def _assertion(self, source: str) -> _Piece:
        return self._unquantified(_Piece(source, True))

    def _boundary(self, flags: str) -> str:
        if "i" not in flags or not self.scanner.unicode:
            return "(?a:\\b)"
        word = char_set.to_python(char_set.named("w", any_case=True))
        return f"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))"

    def _unquantified(self, piece: _Piece) -> _Piece:
        if self._quantifier():
            raise PatternError(f"nothing to repeat before {self.scanner.rest(-1)!r}")
        return piece

    def _quantified(self, piece: _Piece) -> _Piece:
        bounds = self._quantifier()
        if not bounds:
            return piece
        low, high = bounds
        lazy = "?" if self.scanner.take("?") else ""
        repeated = high is None or high > 1
        if piece.nullable and (repeated or low == 0):
            if piece.shy:
                raise PatternError("a part that may match nothing first cannot be repeated")
            self.groups.unreliable |= piece.groups
        elif repeated:
            self.groups.unreliable |= piece.optional
        counts = f"{{{low},{'' if high is None else high}}}{lazy}"
        optional = piece.groups if low == 0 else piece.optional
        shy = piece.shy or (bool(lazy) and low == 0)
        return _Piece(piece.source + counts, piece.nullable or low == 0, piece.groups, optional, shy)

    def _quantifier(self) -> tuple[int, int | None] | None:
        scanner = self.scanner
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if scanner.take(sign):
                return bounds
        braces = scanner.take_match(_BRACES)
        if not braces:
            return None
        low, high = _count(braces[1]), _count(braces[3]) if braces[3] else None
        if low >= _MANY:
            raise PatternError(f"{braces[0]} repeats too often")
        if not braces[2]:
            return low, low
        if high is not None and high < low:
            raise PatternError(f"the numbers of {braces[0]} are out of order")
        return low, None if high is None or high >= _MANY else high

    def _atom(self, flags: str) -> _Piece:
        scanner = self.scanner
        char = scanner.peek()
        if char == "(":
            return self._group(flags)
        if char == "[":
            return self._set(self.classes.parse("i" in flags), flags, folded=True)
        if scanner.take("."):
            return self._set(char_set.ANY if "s" in flags else char_set.complement(char_set.LINE_ENDS), "")
        if char in "*+?" or _BRACES.match(scanner.text, scanner.at):
            raise PatternError(f"nothing to repeat before {scanner.rest()!r}")
        if char in "{}]" and scanner.unicode:
            raise PatternError(f"{char!r} must be written \\{char} with the flags u and v")
        if char == "\\":
            return self._escape(flags)
        return self._set(char_set.of(scanner.next()), flags)

    def _set(self, ranges: Ranges, flags: str, *, folded: bool = False) -> _Piece:
        if "i" in flags and not folded:
            ranges = char_set.in_any_case(ranges, unicode=self.scanner.unicode)
        return _Piece(char_set.to_python(ranges), False)

    def _group(self, flags: str) -> _Piece:
        scanner = self.scanner
        if scanner.take("(?:"):
            inner = self._closed(flags)
        elif modifiers := scanner.take_match(_MODIFIERS):
            on, off = modifiers[1], modifiers[2] or ""
            if len(set(on + off)) < len(on + off) or modifiers[0] == "(?-:":
                raise PatternError(f"{modifiers[0]} gives a flag twice, or none")
            inner = self._closed("".join(set(flags) - set(off)) + on)
        elif scanner.take_match(GROUP_NAME) or (not scanner.startswith("(?") and scanner.take("(")):
            return self._capture(flags)
        else:
            raise PatternError(f"{scanner.rest()!r} does not start a valid group")
        return _Piece(f"(?:{inner.source})", inner.nullable, inner.groups, inner.optional, inner.shy)

    def _capture(self, flags: str) -> _Piece:
        self.groups.opened += 1
        number = self.groups.opened
        inner = self._closed(flags)
        self.groups.closed.add(number)
        return _Piece(f"({inner.source})", inner.nullable, inner.groups | {number}, inner.optional, inner.shy)

    def _closed(self, flags: str) -> _Piece:
        inner = self.alternatives(flags)
        if not self.scanner.take(")"):
            raise PatternError("a ( is not closed")
        return inner

    def _escape(self, flags: str) -> _Piece:
        scanner = self.scanner
        letter = scanner.peek(1)
        if letter and letter in CLASS_LETTERS:
            scanner.skip(2)
            return self._set(char_set.named(letter, any_case="i" in flags and scanner.unicode), "")
        if letter == "k" and (self.groups.names or scanner.unicode):
            name = scanner.take_match(re.compile(r"\\k<([^>]*)>"))
            if not name or name[1] not in self.groups.names:
                raise PatternError(f"{scanner.rest()!r} does not refer to a group")
            return self._reference(self.groups.names[name[1]], flags)
        if number := _DECIMAL.match(scanner.text, scanner.at + 1):
            if len(number[0]) < 5 and int(number[0]) <= self.groups.count:
                scanner.skip(1 + len(number[0]))
                return self._reference(int(number[0]), flags)
            if scanner.unicode:
                raise PatternError(f"\\{number[0]} does not refer to a group")
        return self._set(char_set.of(scanner.character_escape()), flags)

    def _reference(self, number: int, flags: str) -> _Piece:
        if number not in self.groups.closed:
            return _Piece("(?:)", True)
        self.groups.referred.add(number)
        again = f"(?i:\\{number})" if "i" in flags else f"\\{number}"
        return _Piece(f"(?:(?({number}){again}|))", True)


def _count(digits: str) -> int:
    return int(digits) if len(digits) < 11 else _MANY
