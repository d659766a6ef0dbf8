"""A mistyped word and the known ones -> the one that was probably meant. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like word, in any case; "" where none is close."""
    from difflib import get_close_matches  # needed after a mistake alone

    by_case = {one.lower(): one for one in known}
    close = get_close_matches(word.lower(), by_case, n=1)
    return by_case[close[0]] if close else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the end of a message; "" where no known word is close."""
    found = closest(word, known)
    return f"; did you mean {found!r}?" if found else ""
