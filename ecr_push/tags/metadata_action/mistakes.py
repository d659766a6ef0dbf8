"""The mistakes in rules, collected, and suggestions for unknown words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecr_push.base.suggest import did_you_mean

# What JavaScript's trim() and `\s` take for white space. Python's strip() differs in U+FEFF and U+001C.
JS_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)


class RuleMistakes(ValueError):  # noqa: N818 - it is several
    """All mistakes in a text of rules: each names its line, the part, and what is allowed."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def expected(word: str, known: Iterable[str]) -> str:
    """Returns `expected one of a, b; did you mean 'b'?`, for the end of a message."""
    names = list(known)
    return f"expected one of {', '.join(names)}{did_you_mean(word, names)}"


def shortened(text: str, longest: int = 60) -> str:
    """Shortens text to one line for a message."""
    plain = text if text.isprintable() else repr(text)[1:-1]
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"
