"""What a scan found, in one shape for basic and enhanced scanning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecr_push.ecr import ScanMode
from ecr_push.reference import Digest
from ecr_push.severity import Severity


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
    """

    digest: Digest
    platform: str
    status: str
    findings: tuple[Finding, ...] = ()
    counts: Mapping[Severity, int] = field(default_factory=dict)
    completed_at: str = ""
    unscannable: str = ""

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


def read_findings(answer: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The findings of a whole DescribeImageScanFindings answer, worst first."""
    body = answer.get("imageScanFindings") or {}
    found = [_basic(one) for one in body.get("findings") or ()]
    for one in body.get("enhancedFindings") or ():
        # CLOSED and SUPPRESSED findings stay listed; Inspector no longer counts them.
        if one.get("status", "ACTIVE") == "ACTIVE":
            found.extend(_enhanced(one))
    return tuple(sorted(found, key=lambda finding: (-finding.severity, finding.id, finding.package)))


def read_counts(answer: Mapping[str, Any]) -> dict[Severity, int]:
    """findingSeverityCounts. A severity that we do not know is counted as UNRECOGNISED."""
    counts: Counter[Severity] = Counter()
    for word, number in ((answer.get("imageScanFindings") or {}).get("findingSeverityCounts") or {}).items():
        counts[Severity.read(word)] += int(number)
    return dict(counts)


def _basic(one: Mapping[str, Any]) -> Finding:
    attributes = {pair["key"]: pair.get("value", "") for pair in one.get("attributes") or ()}
    scores = (attributes.get(name) for name in ("CVSS4_SCORE", "CVSS3_SCORE", "CVSS2_SCORE"))
    return Finding(
        id=str(one.get("name", "")),
        severity=Severity.read(str(one.get("severity", ""))),
        package=attributes.get("package_name", ""),
        version=attributes.get("package_version", ""),
        title=one.get("description", ""),
        uri=one.get("uri", ""),
        score=_number(scores),
    )


def _enhanced(one: Mapping[str, Any]) -> Iterable[Finding]:
    details = one.get("packageVulnerabilityDetails") or {}
    score = one.get("score")
    # One finding may name several packages; it counts once, as Inspector counts it.
    packages = details.get("vulnerablePackages") or [{}]
    first = packages[0]
    fixed = first.get("fixedInVersion", "")
    yield Finding(
        id=str(details.get("vulnerabilityId") or one.get("title") or one.get("findingArn", "")),
        severity=Severity.read(str(one.get("severity", ""))),
        package=", ".join(dict.fromkeys(package.get("name", "") for package in packages)),
        version=first.get("version", ""),
        fixed_in="" if fixed == "NotAvailable" else fixed,
        title=one.get("title") or one.get("description", ""),
        uri=details.get("sourceUrl", ""),
        score=float(score) if score else None,  # Inspector says 0 where it has no score yet
    )


def _number(texts: Iterable[str | None]) -> float | None:
    for text in texts:
        try:
            return float(text or "")
        except ValueError:
            continue
    return None
