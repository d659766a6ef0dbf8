"""What became of a CI's file, and of each of its lines. Pure.

A CI has a function `move(text, path, wish) -> Moved`, which `kinds.py` has in its table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ecr_push.base.dataclass import dataclass

# became:     ecr-push does it, by what `became` shows
# not needed: ecr-push does it without being asked, or nothing else needs it any more
# kept:       it stays as it is, and why says what for
# no equal:   it is not taken over, and why says what to do
# unsafe:     it does what it did, and why says what is wrong with that and what to do
Fate = Literal["became", "not needed", "kept", "no equal", "unsafe"]


@dataclass(frozen=True)
class Line:
    """What became of a line, or of a few that belong together.

    number: of the first line in the file, from 1. text: as it stands there, the begin of it.
    became: in our terms, `build-arg`, or `tags: type=sha`; "" for what is not needed.
    why:    half a sentence, without a full stop; "" where it is plain.
    """

    number: int
    text: str
    fate: Fate
    became: str = ""
    why: str = ""


@dataclass(frozen=True)
class Wish:
    """What the user says beside the file; "" for what the file is to say.

    gate: whether findings refuse an image from the first run on; else they are reported alone.
    """

    repository: str = ""
    region: str = ""
    role: str = ""
    gate: bool = False


@dataclass(frozen=True)
class Moved:
    """A file that was moved over.

    path: where it belongs: the file itself where it is changed in place, or a new one beside it.
    text: of the whole file. lines: in the file's order. steps: what is left to do, a sentence each.
    """

    path: str
    text: str
    lines: tuple[Line, ...]
    steps: tuple[str, ...] = ()

    def by_fate(self, *fates: Fate) -> Iterator[Line]:
        return (one for one in self.lines if one.fate in fates)


class NotMovedError(ValueError):
    """A file of which nothing can be taken over. The message is for the user, a line for each reason."""
