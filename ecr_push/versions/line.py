"""What a floating version tag means: `1.4` is the highest final 1.4.x, `latest` the highest of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.versions.schemes.scheme import Scheme


@dataclass(frozen=True)
class Line:
    """The final versions that begin with the same numbers, in tags of the same prefix and suffix.

    numbers: (1, 4) is 1.4.x, () is every version.
    version: what our image brings to the line, "" where it has no version; then nothing is compared.
    prefix, suffix: `1.4-alpine` floats on `1.4.2-alpine`, and not on `1.4.2`.
    """

    scheme: Scheme
    numbers: tuple[int, ...]
    version: str = ""
    prefix: str = ""
    suffix: str = ""

    def higher(self, names: Iterable[str], than: str = "") -> str:
        """The highest final version of the line among tag names, where it is above ours (or than); else "".

        Names that are not a version of the line are ignored. A higher version keeps the tag from moving.
        """
        ours = self.scheme.rank(than or self.version)
        if ours is None:
            return ""
        above = ((rank, name) for rank, name in self.versions(names).items() if rank > ours)
        return max(above, default=(None, ""))[1]

    def versions(self, names: Iterable[str]) -> Mapping[tuple[Any, ...], str]:
        """The final versions of the line among tag names, by rank; of equal ones the last name."""
        found = {}
        for name in sorted(names):
            bare = self.bare(name)
            rank = self.scheme.rank(bare) if bare else None
            if rank is not None and self.scheme.in_line(rank, self.numbers):
                found[rank] = name
        return found

    def bare(self, name: str) -> str:
        """The version in a tag's name: the name without our prefix and suffix; "" where it lacks them."""
        if not (name.startswith(self.prefix) and name.endswith(self.suffix)):
            return ""
        return name[len(self.prefix) : len(name) - len(self.suffix)]
