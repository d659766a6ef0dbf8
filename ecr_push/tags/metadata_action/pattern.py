"""Text of a JavaScript regular expression (`type=match`, `match=`) -> JsPattern. Pure.

Python's re does the matching; `pattern_syntax` translates. What Python cannot match is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecr_push.base.dataclass import dataclass
from ecr_push.base.regex import lazy_regex
from ecr_push.tags.metadata_action.pattern_scanner import PatternError
from ecr_push.tags.metadata_action.pattern_syntax import translate

__all__ = ["JsPattern", "PatternError", "parse_pattern", "plain_pattern"]

_SLASHED = lazy_regex(r"/([^\n\r\u2028\u2029]+)/([^\n\r\u2028\u2029]*)")
_FLAGS = "dgimsuvy"


@dataclass(frozen=True)
class JsPattern:
    """A compiled expression.

    groups:     how many groups it captures.
    every:      flag `g`: a match is the list of all whole matches, and no group is captured.
    sticky:     flag `y`: a match starts where the last one ended, the first at the start.
    unreliable: groups that JavaScript and Python may capture differently, because they are repeated.
    """

    text: str
    regex: re.Pattern[str]
    groups: int
    every: bool = False
    sticky: bool = False
    unreliable: frozenset[int] = frozenset()

    def match(self, text: str) -> tuple[str | None, ...] | None:
        """Returns what String.prototype.match does: the match and its groups, or None."""
        if self.every:
            return tuple(self._all(text)) or None
        found = self._find(text, 0)
        return (found[0], *found.groups()) if found else None

    def _all(self, text: str) -> Iterator[str]:
        at = 0
        while at <= len(text) and (found := self._find(text, at)):
            yield found[0]
            at = found.end() + (found.end() == found.start())

    def _find(self, text: str, at: int) -> re.Match[str] | None:
        return self.regex.match(text, at) if self.sticky else self.regex.search(text, at)


def parse_pattern(text: str) -> JsPattern:
    """Parses `/expression/flags`, or an expression without flags. Raises PatternError."""
    slashed = _SLASHED.fullmatch(text)
    return _compiled(text, slashed[1], slashed[2]) if slashed else plain_pattern(text)


def plain_pattern(text: str) -> JsPattern:
    """Parses an expression without flags, in which slashes are literal. Raises PatternError."""
    return _compiled(text, text, "")


def _compiled(text: str, source: str, flags: str) -> JsPattern:
    unknown = sorted(set(flags) - set(_FLAGS))
    if unknown:
        raise PatternError(f"there is no flag {unknown[0]!r}; the flags are {', '.join(_FLAGS)}")
    if len(set(flags)) < len(flags):
        raise PatternError(f"a flag is given twice in {flags!r}")
    if "u" in flags and "v" in flags:
        raise PatternError("the flags u and v cannot be combined")
    translated = translate(source, flags)
    try:
        regex = re.compile(translated.source)
    except (re.error, OverflowError, RecursionError) as error:
        why = (
            "(?<=…) and (?<!…) of varying length are not supported"
            if "look-behind" in str(error)
            else str(error)
        )
        raise PatternError(why) from None
    return JsPattern(text, regex, translated.groups, "g" in flags, "y" in flags, translated.unreliable)
