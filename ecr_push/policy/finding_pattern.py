"""What an exception or an always-refuse entry matches: a vulnerability, a package, versions, paths."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

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
    return _compiled(glob.lstrip("/")).fullmatch(text.lstrip("/")) is not None


@lru_cache(maxsize=4096)
def _compiled(glob: str) -> re.Pattern[str]:
    parts = []
    for piece in re.findall(r"\*\*/|\*+|\?|[^*?]+", glob):
        if piece == "**/":
            parts.append("(?:.*/)?")
        elif piece.startswith("*"):
            parts.append(".*" if len(piece) > 1 else "[^/]*")
        else:
            parts.append("[^/]" if piece == "?" else re.escape(piece))
    return re.compile("".join(parts), re.S)
