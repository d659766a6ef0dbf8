"""The advisories that the scanner knows, and the packages that they affect."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecr_push.base.checkout_files import read_bytes
from ecr_push.base.errors import SettingsError
from ecr_push.base.fences import Fences
from ecr_push.sandbox.cvss_rating import Rating, Severity
from ecr_push.sandbox.inventory import InstalledPackage
from ecr_push.sandbox.osv import Advisory, Affected, OsvError, canonical, parse_osv
from ecr_push.sandbox.version_order import family

SAMPLE = Path(__file__).parent / "advisories_data"
"""The advisories that ship: a few well-known ones for demonstration, not a database."""


_ADVISORY_BYTES = 16 * 1024 * 1024
# A scan with more of them fails.
MAX_FINDINGS = 100_000


class TooManyFindingsError(Exception):
    """An image has more findings than a scan reports."""


class AdvisoriesError(SettingsError):
    """Advisory files are not valid. Carries every problem of every file."""


@dataclass(frozen=True)
class Match:
    """A package that an advisory affects. fixed_version is "" where there is no fix."""

    advisory: Advisory
    package: InstalledPackage
    fixed_version: str
    rating: Rating

    @property
    def severity(self) -> Severity:
        return self.rating.severity

    @property
    def score(self) -> float | None:
        return self.rating.score

    @property
    def vector(self) -> str:
        return self.rating.vector


class AdvisoryDatabase:
    """The sample and the files of more directories, indexed by package. Thread-safe.

    Files are read when they are first needed: `*.json` in a directory and below it. If two have the same id,
    that of the later directory is used.
    """

    def __init__(self, directories: Sequence[Path] = (), max_findings: int = MAX_FINDINGS) -> None:
        self._max_findings = max_findings
        self._directories = (SAMPLE, *directories)
        self._lock = threading.Lock()
        self._loaded: _AdvisoryIndex | None = None

    def load(self) -> _AdvisoryIndex:
        """Read the files now. Raises AdvisoriesError with every problem of every file."""
        with self._lock:
            if self._loaded is None:
                self._loaded = _AdvisoryIndex(_read(self._directories))
            return self._loaded

    @property
    def updated_at(self) -> float:
        """When the newest advisory was changed, in seconds since the epoch."""
        return self.load().updated_at

    def matches(self, packages: Iterable[InstalledPackage]) -> tuple[Match, ...]:
        """Returns the advisories that affect these packages, the worst first.

        Packages of a distribution are matched by their source: one match for all packages of that source.
        Raises TooManyFindingsError.
        """
        index = self.load()
        found: dict[tuple[str, ...], Match] = {}
        for package in packages:
            for match in index.of(package):
                key = (match.advisory.name, *_subject(package))
                # Two databases may have the same CVE, and only one of them a score.
                if key not in found or (match.score or 0) > (found[key].score or 0):
                    found[key] = match
            if len(found) > self._max_findings:
                raise TooManyFindingsError(f"more than {self._max_findings:,} findings")
        return tuple(sorted(found.values(), key=_worst_first))


class _AdvisoryIndex:
    """(ecosystem, package name) -> the advisories that affect it."""

    def __init__(self, advisories: Iterable[Advisory]) -> None:
        self.updated_at = 0.0
        self._known: dict[tuple[str, str], list[tuple[Advisory, Affected]]] = defaultdict(list)
        for advisory in advisories:
            self.updated_at = max(self.updated_at, advisory.modified_at)
            for affected in advisory.affected:
                self._known[affected.ecosystem, affected.name].append((advisory, affected))

    def of(self, package: InstalledPackage) -> Iterator[Match]:
        name = canonical(package.ecosystem, package.source_name)
        for ecosystem in dict.fromkeys((package.ecosystem, family(package.ecosystem))):
            for advisory, affected in self._known.get((ecosystem, name), ()):
                if interval := affected.match(package.source_version):
                    yield Match(advisory, package, interval.fixed, affected.rating or advisory.rating)


def _worst_first(match: Match) -> tuple[float, str, str]:
    return -(match.score or 0), match.advisory.name, match.package.name


def _subject(package: InstalledPackage) -> tuple[str, ...]:
    if package.kind == "pypi":
        return package.kind, package.name, package.version, package.path
    return package.kind, package.source_name, package.source_version


def _read(directories: Sequence[Path]) -> Sequence[Advisory]:
    advisories: dict[str, Advisory] = {}
    problems: list[str] = []
    for directory in directories:
        # An installation may consist of links.
        fences = Fences(()) if directory == SAMPLE else Fences.of(".")
        files = sorted(directory.rglob("*.json"))
        if not files:
            none = f"{directory} has no *.json files, expected advisories in OSV format"
            reason = none if directory.is_dir() else f"there is no directory {directory}"
            problems.append(f"--advisories: {reason}")
        for file in files:
            try:
                advisory = parse_osv(read_bytes(file, _ADVISORY_BYTES, fences))
            except OsvError as error:
                problems += [f"{file}: {problem}" for problem in error.problems]
            except OSError as error:
                problems.append(f"{file}: {error.strerror}")
            else:
                if advisory:
                    advisories[advisory.id] = advisory
    if problems:
        raise AdvisoriesError(problems, remedy="see https://ossf.github.io/osv-schema/ for the format")
    return tuple(advisories.values())
