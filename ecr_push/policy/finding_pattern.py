"""What an exception or an always-refuse list points at: a vulnerability, a package, versions, paths."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from ecr_push.policy.package_version import VersionRange
from ecr_push.scan.findings import Finding, Package


@dataclass(frozen=True)
class FindingPattern:
    """All parts that are given must match; at least a vulnerability, a package or a path is.

    vulnerability is upper case. path and platform are globs; see `matches_glob`.
    """

    vulnerability: str = ""
    package: str = ""
    versions: VersionRange | None = None
    path: str = ""
    platform: str = ""

    def covers(
        self, names: Collection[str], package: Package, platform: str, *, doubtful: bool = False
    ) -> bool:
        """Whether a finding's vulnerability (all its names) in one of its packages is meant.

        doubtful: what the scanner does not tell counts as a match. An exception must be sure; what is
        always refused need not be.
        """
        if self.vulnerability and self.vulnerability not in names:
            return False
        if self.package and self.package != package.name and not (doubtful and not package.name):
            return False
        if self.versions and not (
            self.versions.contains(package.version, package.manager) if package.version else doubtful
        ):
            return False
        if self.path and not (matches_glob(self.path, package.path) if package.path else doubtful):
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
    """Every name of a finding's vulnerability, in upper case."""
    return frozenset(name.upper() for name in (finding.id, *finding.aliases) if name)


def own_name(finding: Finding) -> str:
    """What findings of two images are compared by. Its other names may be an advisory's about several."""
    return finding.id.upper()


def packages_of(finding: Finding) -> tuple[Package, ...]:
    """The packages that a finding is in; one, made of its summary, where they are not listed."""
    return finding.packages or (Package(finding.package, finding.version, finding.fixed_in),)


def matches_glob(glob: str, text: str) -> bool:
    """Whether a path matches: `*` and `?` stay within one part, `**` crosses parts.

    A leading `/` does not count: Inspector gives paths without one.
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
