"""The findings of a scan, in one form for basic and enhanced scanning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import field

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest
from ecr_push.base.severity import Severity
from ecr_push.registry.interface import ScanMode


@dataclass(frozen=True)
class Package:
    """A package that has a vulnerability. Texts are empty if the scanner does not report them.

    manager:  Inspector's packageManager (OS, PYTHON, NPM …); empty under basic scanning, which scans the
              operating system's packages.
    path:     the file that it was found in, for packages of a language.
    layer:    digest of the layer that contains it.
    fixed_in: the first version without the vulnerability.
    distribution: of a package of the operating system, as package URLs name it; see `distribution`.
    """

    name: str
    version: str = ""
    fixed_in: str = ""
    manager: str = ""
    path: str = ""
    layer: str = ""
    distribution: str = ""


@dataclass(frozen=True)
class Finding:
    """One vulnerability, in one or several packages. What the scanner does not report is empty or None.

    package, version and fixed_in summarise packages, for a line of a table.

    score:     CVSS, 0 to 10.
    epss:      the probability of exploitation within 30 days, 0 to 1 (https://www.first.org/epss/).
    exploited: whether an exploit is known; None if the scanner does not report it.
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
        """Whether an update fixes it; None if the scanner does not report that, as with basic scanning."""
        if self.fix:
            return self.fix in ("YES", "PARTIAL")
        return True if self.fixed_in else None


@dataclass(frozen=True)
class PlatformScan:
    """The scan result of one image.

    status:      as ECR reports it.
    counts:      at least the number of listed findings; ECR may count more than it lists.
    unscannable: why ECR cannot scan this image, which then has no findings; otherwise empty.
    note:        a remark about this result, such as its age; may be empty.
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
        reported = dict(self.counts)
        object.__setattr__(
            self,
            "counts",
            {
                severity: max(listed[severity], reported.get(severity, 0))
                for severity in sorted({*listed, *reported}, reverse=True)
            },
        )


@dataclass(frozen=True)
class OtherScan:
    """The report of another scanner, whose findings were added. added: how many ECR does not have."""

    file: str
    tool: str
    found: int
    added: int

    def __str__(self) -> str:
        return f"{self.tool}: {self.found} found, {self.added} of them not by ECR"


@dataclass(frozen=True)
class ScanReport:
    """The scan results of what was pushed: of one image, or of each platform of an index."""

    mode: ScanMode
    platforms: tuple[PlatformScan, ...]
    others: tuple[OtherScan, ...] = ()

    @property
    def unscannable(self) -> tuple[PlatformScan, ...]:
        return tuple(one for one in self.platforms if one.unscannable)
