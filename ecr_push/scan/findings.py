"""What a scan found, in one shape for basic and enhanced scanning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ecr_push.base.reference import Digest
from ecr_push.base.severity import Severity
from ecr_push.registry.interface import ScanMode


@dataclass(frozen=True)
class Package:
    """A package that a vulnerability is in. Texts are empty where the scanner is silent.

    manager:  Inspector's packageManager (OS, PYTHON, NPM …); empty under basic scanning, which looks at the
              operating system's packages.
    path:     the file that it was found in, for a language's packages.
    layer:    digest of the layer that brought it.
    fixed_in: the version that no longer has the vulnerability.
    """

    name: str
    version: str = ""
    fixed_in: str = ""
    manager: str = ""
    path: str = ""
    layer: str = ""


@dataclass(frozen=True)
class Finding:
    """One vulnerability, in one or several packages. Texts are empty, and score None, where nobody says.

    package, version and fixed_in sum up packages, for a line of a table.

    score:     CVSS, 0 to 10.
    epss:      the probability of exploitation within 30 days, 0 to 1 (https://www.first.org/epss/).
    exploited: whether an exploit is known; None where the scanner does not tell.
    fix:       Inspector's fixAvailable: YES, NO, PARTIAL; empty under basic scanning.
    aliases:   other names of the same vulnerability.
    first_seen: when Inspector first saw it in this image, an ISO date or time (firstObservedAt).
    """

    id: str
    severity: Severity
    package: str = ""
    version: str = ""
    fixed_in: str = ""
    title: str = ""
    uri: str = ""
    score: float | None = None
    description: str = ""
    packages: tuple[Package, ...] = ()
    epss: float | None = None
    exploited: bool | None = None
    fix: str = ""
    aliases: tuple[str, ...] = ()
    first_seen: str = ""

    @property
    def fixable(self) -> bool | None:
        """Whether an update helps; None where the scanner does not tell, as basic scanning never does."""
        if self.fix:
            return self.fix in ("YES", "PARTIAL")
        return True if self.fixed_in else None


@dataclass(frozen=True)
class PlatformScan:
    """The answer for one image. status is ECR's word.

    counts is never less than what is listed: where ECR counts more than it lists, its number holds.
    unscannable says why ECR cannot scan this image; then there is nothing to judge.
    note says what one should know of this answer, such as its age; empty where there is nothing to know.
    """

    digest: Digest
    platform: str
    status: str
    findings: tuple[Finding, ...] = ()
    counts: Mapping[Severity, int] = field(default_factory=dict)
    completed_at: str = ""
    unscannable: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        listed = Counter(finding.severity for finding in self.findings)
        said = dict(self.counts)
        object.__setattr__(
            self,
            "counts",
            {
                severity: max(listed[severity], said.get(severity, 0))
                for severity in sorted({*listed, *said}, reverse=True)
            },
        )


@dataclass(frozen=True)
class ScanReport:
    """The answers for every image of what was pushed: one, or one a platform of an index."""

    mode: ScanMode
    platforms: tuple[PlatformScan, ...]

    @property
    def unscannable(self) -> tuple[PlatformScan, ...]:
        return tuple(one for one in self.platforms if one.unscannable)
