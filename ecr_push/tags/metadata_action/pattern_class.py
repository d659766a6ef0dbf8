"""Character classes of JavaScript's expressions, `[a-z\\d]` and the nested sets of flag v -> ranges. Pure."""

from __future__ import annotations

from ecr_push.tags.metadata_action import char_set
from ecr_push.tags.metadata_action.char_set import CLASS_LETTERS, Ranges
from ecr_push.tags.metadata_action.pattern_scanner import PatternError, Scanner

# With the flag v the first must be escaped, and the second must not occur twice in a row.
_RESERVED = "()[]{}/-|"
_NOT_TWICE = "&!#$%*+,.:;<=>?@^`~"


class ClassParser:
    """Reads a class; the scanner is at its `[`. sets: the flag v is on."""

    def __init__(self, scanner: Scanner, *, sets: bool) -> None:
        self.scanner = scanner
        self.sets = sets

    def parse(self, ignore_case: bool) -> Ranges:
        """Returns the characters of a class; with ignore_case in any case. Raises PatternError."""
        scanner = self.scanner
        scanner.skip(1)
        negated = scanner.take("^")
        ranges = self._set_of_sets(ignore_case) if self.sets else self._plain(ignore_case)
        if ignore_case:
            ranges = char_set.in_any_case(ranges, unicode=scanner.unicode)
        return char_set.complement(ranges) if negated else ranges

    def _plain(self, ignore_case: bool) -> Ranges:
        scanner = self.scanner
        found: list[tuple[int, int]] = []
        while not scanner.take("]"):
            self._refuse_end()
            low = self._member(ignore_case)
            if not scanner.startswith("-") or scanner.peek(1) in ("]", ""):
                found += low
                continue
            scanner.skip(1)
            found += self._range(low, self._member(ignore_case))
        return char_set.char_set(found)

    def _range(self, low: Ranges, high: Ranges) -> Ranges:
        if _is_one(low) and _is_one(high):
            if low[0][0] > high[0][0]:
                raise PatternError(f"a range in […] is out of order before {self.scanner.rest()!r}")
            return ((low[0][0], high[0][0]),)
        if self.scanner.unicode:
            raise PatternError("a range in […] must go from one character to another")
        return (*low, *char_set.of("-"), *high)

    def _member(self, ignore_case: bool) -> Ranges:
        scanner = self.scanner
        if scanner.peek() != "\\":
            return char_set.of(scanner.next())
        letter = scanner.peek(1)
        if letter and letter in CLASS_LETTERS:
            scanner.skip(2)
            return char_set.named(letter, any_case=ignore_case and scanner.unicode)
        if letter == "b":
            scanner.skip(2)
            return char_set.of("\b")
        if self.sets and letter and letter in _NOT_TWICE + _RESERVED:
            scanner.skip(2)
            return char_set.of(letter)
        return char_set.of(scanner.character_escape(in_class=True))

    def _refuse_end(self) -> None:
        if self.scanner.done:
            raise PatternError("a [ is not closed")

    def _set_of_sets(self, ignore_case: bool) -> Ranges:
        scanner = self.scanner
        if scanner.take("]"):
            return ()
        result = self._operand(ignore_case)
        operator = next((sign for sign in ("--", "&&") if scanner.startswith(sign)), "")
        while not scanner.take("]"):
            self._refuse_end()
            if operator and not scanner.take(operator):
                raise PatternError(f"{operator} cannot be combined with {scanner.rest()!r}")
            other = self._operand(ignore_case, alone=bool(operator))
            if operator == "--":
                result = char_set.intersection(result, char_set.complement(other))
            elif operator == "&&":
                result = char_set.intersection(result, other)
            else:
                result = char_set.union(result, other)
        return result

    def _operand(self, ignore_case: bool, *, alone: bool = False) -> Ranges:
        scanner = self.scanner
        self._refuse_end()
        if scanner.peek() == "[":
            return self.parse(ignore_case)
        if scanner.startswith("\\q{"):
            raise PatternError("\\q{…} is not supported")
        self._refuse_reserved()
        low = self._member(ignore_case)
        if scanner.startswith("-") and not scanner.startswith("--"):
            scanner.skip(1)
            self._refuse_end()
            self._refuse_reserved()
            low = self._range(low, self._member(ignore_case))
            if alone or scanner.startswith("--", "&&"):
                raise PatternError("next to -- and && a range needs its own […]")
        return char_set.in_any_case(low, unicode=True) if ignore_case else low

    def _refuse_reserved(self) -> None:
        char = self.scanner.peek()
        if char in _RESERVED or (char in _NOT_TWICE and self.scanner.peek(1) == char):
            raise PatternError(f"{char!r} must be written \\{char} within […] with the flag v")


def _is_one(ranges: Ranges) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]
