"""What an exception or an always-refuse entry matches: a vulnerability, a package, versions, paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

from ecr_push.base.dataclass import dataclass
from ecr_push.policy.package_version import VersionRange
from ecr_push.scan.findings import Finding, Package


@dataclass(frozen=True)
class FindingPattern:
    """All parts that are set must match; at least a vulnerability, a package or a path is set.

    vulnerability is in upper case. path and platform are globs; see `matches_glob`.
    """

    vulnerability: str = ""
    package: str = ""
    versions: VersionRange | None = None
    path: str = ""
    platform: str = ""

    def covers(
        self, names: Collection[str], package: Package, platform: str, *, unknown_matches: bool = False
    ) -> bool:
        """Whether the pattern matches a finding's vulnerability (by any of its names) in one of its packages.

        unknown_matches: what the scanner does not report counts as a match. An exception needs a certain
        match; an always-refuse entry does not.
        """
        if self.vulnerability and self.vulnerability not in names:
            return False
        if self.package and self.package != package.name and not (unknown_matches and not package.name):
            return False
        if self.versions and not (
            self.versions.contains(package.version, package.manager) if package.version else unknown_matches
        ):
            return False
        if self.path and not (matches_glob(self.path, package.path) if package.path else unknown_matches):
            return False
        return not self.platform or matches_glob(self.platform, platform)

    def __str__(self) -> str:
        inside = " ".join(filter(None, (self.package, str(self.versions or ""))))
        parts = [self.vulnerability or "every vulnerability"]
        parts += [f"in {inside}"] if inside else []
        parts += [f"at {self.path}"] if self.path else []
        parts += [f"on {self.platform}"] if self.platform else []
        return " ".join(parts)


def names_of(finding: Finding) -> frozenset[str]:
    """Returns all names of a finding's vulnerability, in upper case."""
    return frozenset(name.upper() for name in (finding.id, *finding.aliases) if name)


def own_name(finding: Finding) -> str:
    """Returns the name by which findings of two images are compared: aliases may name several at once."""
    return finding.id.upper()


def packages_of(finding: Finding) -> tuple[Package, ...]:
    """Returns the packages of a finding; one made of its summary if they are not listed."""
    return finding.packages or (Package(finding.package, finding.version, finding.fixed_in),)


def matches_glob(glob: str, text: str) -> bool:
    """Whether a path matches: `*` and `?` do not match `/`, `**` does.

    A leading `/` is ignored: Inspector reports paths without it.
    """
    return _matcher(glob.lstrip("/"))(text.lstrip("/"))


# A pattern of so many stars takes the square of a path's length at the most, and one of n its nth power: a
# package can have any path.
_FEW_STARS = 2
_USUAL_PATH = 500  # characters


@lru_cache(maxsize=4096)
def _matcher(glob: str) -> Callable[[str], bool]:
    pieces = tuple(re.findall(r"\*\*/|\*+|\?|[^*?]", glob))
    if sum(piece[0] == "*" for piece in pieces) > _FEW_STARS:
        return lru_cache(maxsize=4096)(lambda text: _simulate(pieces, text))
    regex = re.compile("".join(map(_as_regex, pieces)), re.S)
    return lambda text: (
        regex.fullmatch(text) is not None if len(text) <= _USUAL_PATH else _simulate(pieces, text)
    )


def _as_regex(piece: str) -> str:
    if piece == "**/":
        return "(?:.*/)?"
    if piece[0] == "*":
        return ".*" if len(piece) > 1 else "[^/]*"
    return "[^/]" if piece == "?" else re.escape(piece)


def _simulate(pieces: Sequence[str], text: str) -> bool:
    """Matches in steps of pieces times characters, however many stars there are: all ways at once.

    A position is how many pieces are matched; `**/` is as `**` from which only a `/` leads on.
    """
    last = len(pieces)

    def with_skipped(positions: set[int]) -> set[int]:
        """A star may match nothing."""
        found, todo = set(positions), list(positions)
        while todo:
            at = todo.pop()
            if at < last and pieces[at][0] == "*" and at + 1 not in found:
                found.add(at + 1)
                todo.append(at + 1)
        return found

    # `**/` that has begun is left only behind a `/`, so it is a position of its own: negative.
    positions = with_skipped({0})
    for char in text:
        stepped: set[int] = set()
        inside: set[int] = set()
        for at in positions:
            if at < 0 or (at < last and pieces[at] == "**/"):
                here = -at - 1 if at < 0 else at
                inside.add(-here - 1)
                if char == "/":
                    stepped.add(here + 1)
            elif at < last and pieces[at][0] == "*":
                if len(pieces[at]) > 1 or char != "/":
                    stepped.add(at)
            elif at < last and (pieces[at] == char or (pieces[at] == "?" and char != "/")):
                stepped.add(at + 1)
        positions = with_skipped(stepped) | inside
    return last in positions
