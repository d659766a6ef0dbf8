"""The advisories that the scanner knows, and which packages they concern."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecr_push.errors import SettingsError
from ecr_push.sandbox.inventory import Package
from ecr_push.sandbox.osv import Advisory, Affected, Interval, OsvError, canonical, parse_osv
from ecr_push.sandbox.severity import Rating, Severity
from ecr_push.sandbox.versions import family

SAMPLE = Path(__file__).parent / "advisories_data"
"""The advisories that ship: a few well-known ones, so that a finding can be shown. Not a database."""


class AdvisoriesError(SettingsError):
    """Advisory files are wrong. Carries every mistake of every file."""


@dataclass(frozen=True)
class Match:
    """A package that an advisory concerns. fixed_version is "" where there is no fix."""

    advisory: Advisory
    package: Package
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

    Files are read when they are first needed, `*.json` in a directory and below it. Where two have
    the same id, that of the later directory counts.
    """

    def __init__(self, directories: Sequence[Path] = ()) -> None:
        self._directories = (SAMPLE, *directories)
        self._lock = threading.Lock()
        self._index: Mapping[tuple[str, str], Sequence[tuple[Advisory, Affected]]] | None = None
        self._updated_at = 0.0

    def load(self) -> None:
        """Read the files now. Raises AdvisoriesError with every mistake of every file."""
        with self._lock:
            if self._index is None:
                advisories = _read(self._directories)
                self._updated_at = max((it.modified_at for it in advisories), default=0.0)
                self._index = _indexed(advisories)

    @property
    def updated_at(self) -> float:
        """When the newest advisory was changed, in seconds since the epoch."""
        self.load()
        return self._updated_at

    def matches(self, packages: Iterable[Package]) -> tuple[Match, ...]:
        """What is known of these packages, the worst first.

        Packages of a distribution are matched by their source: one match for all that come from it.
        """
        self.load()
        found: dict[tuple[str, ...], Match] = {}
        for package in packages:
            for match in self._of(package):
                key = (match.advisory.name, *_subject(package))
                # Two databases may know one CVE, not both with a score.
                if key not in found or (match.score or 0) > (found[key].score or 0):
                    found[key] = match
        return tuple(
            sorted(found.values(), key=lambda it: (-(it.score or 0), it.advisory.name, it.package.name))
        )

    def _of(self, package: Package) -> Iterator[Match]:
        assert self._index is not None
        name = canonical(package.ecosystem, package.source_name)
        for ecosystem in dict.fromkeys((package.ecosystem, family(package.ecosystem))):
            for advisory, affected in self._index.get((ecosystem, name), ()):
                interval = affected.match(package.source_version)
                if isinstance(interval, Interval):
                    yield Match(advisory, package, interval.fixed, affected.rating or advisory.rating)


def _subject(package: Package) -> tuple[str, ...]:
    if package.kind == "pypi":
        return package.kind, package.name, package.version, package.path
    return package.kind, package.source_name, package.source_version


def _read(directories: Sequence[Path]) -> Sequence[Advisory]:
    advisories: dict[str, Advisory] = {}
    problems: list[str] = []
    for directory in directories:
        files = sorted(directory.rglob("*.json"))
        if not files:
            reason = "has no *.json files" if directory.is_dir() else "is no directory"
            problems.append(f"{directory}: {reason}, expected advisories in OSV format")
        for file in files:
            try:
                advisory = parse_osv(file.read_bytes())
            except OsvError as error:
                problems += [f"{file}: {problem}" for problem in error.problems]
            except OSError as error:
                problems.append(f"{file}: {error.strerror}")
            else:
                if advisory:
                    advisories[advisory.id] = advisory
    if problems:
        raise AdvisoriesError(problems, remedy="See https://ossf.github.io/osv-schema/ for the format.")
    return tuple(advisories.values())


def _indexed(advisories: Iterable[Advisory]) -> Mapping[tuple[str, str], Sequence[tuple[Advisory, Affected]]]:
    index: dict[tuple[str, str], list[tuple[Advisory, Affected]]] = defaultdict(list)
    for advisory in advisories:
        for affected in advisory.affected:
            index[affected.ecosystem, affected.name].append((advisory, affected))
    return index
