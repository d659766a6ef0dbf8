"""The interface of a version scheme, and the version that it reads from a name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal, Protocol

from ecr_push.base.dataclass import dataclass

Level = Literal["major", "minor", "patch"]

# OCI distribution specification 1.1, "Pulling manifests".
LONGEST_TAG = 128


@dataclass(frozen=True)
class Number:
    """A version as a scheme read it from a name.

    rank:     orders the numbers of one scheme; equal where they differ in build metadata alone.
    release:  its numbers without a pre-release: (1, 4, 2).
    is_final: no pre-release. A post-release of PEP 440 is final.
    text:     the version as an image tag: no `v`, no build metadata. Always a valid tag.
    full:     the version as a label keeps it, with build metadata.
    """

    rank: tuple[Any, ...]
    release: tuple[int, ...]
    is_final: bool
    text: str
    full: str

    def __str__(self) -> str:
        return self.full


class Scheme(Protocol):
    """A way to write and order versions. Names come without the prefix that a setting may put before them."""

    @property
    def name(self) -> str:
        """The setting that chooses this scheme."""

    def rank(self, name: str) -> tuple[Any, ...] | None:
        """A name's place in the order, or None where it is not a version; exactly where `read` gives None."""

    def read(self, name: str) -> Number | None:
        """The version that a name states; None where it is not one, or is too long for an image tag."""

    def in_line(self, rank: tuple[Any, ...], line: tuple[int, ...]) -> bool:
        """Whether a rank is a final version of a line; () is the line of all final versions."""

    def lines(self, number: Number) -> tuple[tuple[int, ...], ...]:
        """The lines of a final version, the most specific first: 1.4.2 is in (1, 4) and (1,).

        There is no line (0,): 0.3.1 is in (0, 3) alone. A pre-release is in none.
        """

    def line_text(self, number: Number, line: tuple[int, ...]) -> str:
        """The floating tag of one of a number's lines: `1.4`."""

    def line_of(self, name: str) -> tuple[int, ...] | None:
        """The line that a tag names: `1.4`, `v1`; None where it does not name one."""

    def first(self, day: date) -> Number:
        """The next version of a history without a release."""

    def bump(self, number: Number, level: Level, day: date) -> Number:
        """The next final version, released that day. Raises ValueError where that day's is taken.

        A pre-release that is high enough already becomes final: 1.5.0-rc.1 is followed by 1.5.0 at level
        minor and patch, by 2.0.0 at level major.
        """

    def coming(self, number: Number, level: Level, day: date) -> Number:
        """As `bump`, but where that day's version is taken, the next day's that is free.

        The next version for snapshots: the commits after a day's release are built too.
        """

    def snapshot(
        self, base: Number | None, target: Number, channel: str, distance: int, build: str = ""
    ) -> Number:
        """The version of a build between releases, distance commits after base on the way to target.

        Above base, below target, below every snapshot of a longer distance; where base is a pre-release
        of target, also below the next one of its kind. Raises ValueError with a sentence where the
        scheme has no such version, or does not allow the channel.
        """

    def numbered(self, target: Number, channel: str, count: int) -> Number:
        """A pre-release of target, as it is tagged: 1.5.0-rc.3. Raises ValueError as `snapshot` does."""


def highest(scheme: Scheme, names: Iterable[str]) -> str:
    """The highest version among names, pre-releases counted in; "" where there is none.

    Of equal versions the last name counts, so that the result does not depend on the order of the names.
    """
    ranked = ((rank, name) for name in names if (rank := scheme.rank(name)) is not None)
    return max(ranked, default=(None, ""))[1]


def check_way(base: Number | None, target: Number, count: int) -> None:
    """Raises ValueError where no pre-release can lie between base and target, or count is below 0."""
    if not target.is_final:
        raise ValueError(f"{target} is a pre-release: only a final version has pre-releases before it")
    if base is not None and base.rank >= target.rank:
        raise ValueError(f"{target} is not above {base}: nothing lies between them")
    if count < 0:
        raise ValueError(f"{count} cannot be the number of a pre-release: expected 0 or more")
