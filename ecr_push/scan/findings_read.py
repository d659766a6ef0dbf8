"""Responses of AWS about an image's vulnerabilities -> `Finding`s. Pure.

Absent, null or new values do not make reading fail, and no finding is dropped because of them: an unknown
severity counts as the worst, and a finding without a package is kept.
Shapes: ImageScanFinding and EnhancedImageScanFinding of ECR's service model, Finding of Inspector's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ecr_push.base.severity import Severity
from ecr_push.base.values import read_number, read_time
from ecr_push.scan.findings import Finding, Package

# What Inspector writes for an unknown value.
_NOTHING = frozenset({"NotAvailable", "None Provided", "N/A"})
_NOT_ACTIVE = frozenset({"CLOSED", "SUPPRESSED"})
_CVSS_ATTRIBUTES = ("CVSS4_SCORE", "CVSS3_SCORE", "CVSS2_SCORE")


class FindingsReader:
    """Collects the findings of a response that has several pages.

    Each page is read as it arrives and can then be freed; texts that repeat (a layer's digest, the
    description of a vulnerability in many packages) are stored once. So 50,000 findings fit into memory.
    """

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._arns: set[str] = set()
        self._texts: dict[str, str] = {}

    def add(self, page: Mapping[str, Any]) -> None:
        """Adds a page of DescribeImageScanFindings. A finding that moves to a later page counts once."""
        body = page.get("imageScanFindings") or {}
        self._found += [self._basic(one) for one in body.get("findings") or ()]
        for one in body.get("enhancedFindings") or ():
            arn = self._text(one.get("findingArn"))
            # Closed and suppressed findings stay listed for a while; Inspector no longer counts them.
            if one.get("status") in _NOT_ACTIVE or arn in self._arns:
                continue
            if arn:
                self._arns.add(arn)
            self._found.append(self._enhanced(one))

    def findings(self) -> tuple[Finding, ...]:
        """Returns the findings, worst first."""
        return tuple(sorted(self._found, key=lambda found: (-found.severity, found.id, found.package)))

    def _basic(self, one: Mapping[str, Any]) -> Finding:
        attributes = {pair.get("key"): pair.get("value") for pair in one.get("attributes") or ()}
        name, version = (
            self._text(attributes.get("package_name")),
            self._text(attributes.get("package_version")),
        )
        description = self._text(one.get("description"))
        return Finding(
            id=self._text(one.get("name")),
            severity=Severity.read(self._text(one.get("severity"))),
            package=name,
            version=version,
            title=description,
            uri=self._text(one.get("uri")),
            score=_first_number(attributes.get(key) for key in _CVSS_ATTRIBUTES),
            description=description,
            packages=(Package(name, version),) if name else (),
        )

    def _enhanced(self, one: Mapping[str, Any]) -> Finding:
        """Reads a finding that may name several packages; it counts once, as in Inspector."""
        details = one.get("packageVulnerabilityDetails") or {}
        packages = tuple(self._package(package) for package in details.get("vulnerablePackages") or ())
        description = self._text(one.get("description"))
        id_ = self._text(details.get("vulnerabilityId") or one.get("title") or one.get("findingArn"))
        return Finding(
            id=id_,
            severity=Severity.read(self._text(one.get("severity"))),
            package=self._text(", ".join(dict.fromkeys(package.name for package in packages))),
            version=packages[0].version if packages else "",
            fixed_in=next((package.fixed_in for package in packages if package.fixed_in), ""),
            title=self._text(one.get("title")) or description,
            uri=self._text(details.get("sourceUrl")),
            score=_first_number(_scores(one)),
            description=description,
            packages=packages,
            epss=read_number((one.get("epss") or {}).get("score")),
            exploited={"YES": True, "NO": False}.get(str(one.get("exploitAvailable")).upper()),
            fix=self._one_of(one.get("fixAvailable"), ("YES", "NO", "PARTIAL")),
            aliases=tuple(
                self._text(name)
                for name in details.get("relatedVulnerabilities") or ()
                if name and name != id_
            ),
            first_seen=self._text(_iso(one.get("firstObservedAt"))),
        )

    def _package(self, one: Mapping[str, Any]) -> Package:
        fixed = self._text(one.get("fixedInVersion"))
        return Package(
            name=self._text(one.get("name")),
            version=self._text(_whole_version(one)),
            # Only this field includes an epoch of 0.
            fixed_in=self._text(fixed.removeprefix("0:")),
            manager=self._text(one.get("packageManager")),
            path=self._text(one.get("filePath")),
            layer=self._text(one.get("sourceLayerHash")),
        )

    def _text(self, value: Any) -> str:
        text = "" if value is None else str(value)
        return "" if text in _NOTHING else self._texts.setdefault(text, text)

    def _one_of(self, value: Any, words: Sequence[str]) -> str:
        word = str(value).upper()
        return self._text(word) if word in words else ""


def read_findings(answer: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Returns the findings of a complete DescribeImageScanFindings response, worst first."""
    reader = FindingsReader()
    reader.add(answer)
    return reader.findings()


def read_counts(answer: Mapping[str, Any]) -> dict[Severity, int]:
    """Reads findingSeverityCounts. An unknown severity is counted as UNRECOGNISED."""
    counts: Counter[Severity] = Counter()
    for word, number in ((answer.get("imageScanFindings") or {}).get("findingSeverityCounts") or {}).items():
        counts[Severity.read(word)] += int(number)
    return dict(counts)


def _whole_version(one: Mapping[str, Any]) -> str:
    """Returns `epoch:version-release` as the package manager writes it, with the parts that exist."""
    version, release, epoch = one.get("version") or "", one.get("release") or "", one.get("epoch") or 0
    return (f"{epoch}:" if epoch else "") + str(version) + (f"-{release}" if release else "")


def _scores(one: Mapping[str, Any]) -> Iterable[Any]:
    """Yields the score from each field that may have it, ECR's first; 0 means that there is none yet."""
    yield one.get("score") or None
    yield ((one.get("scoreDetails") or {}).get("cvss") or {}).get("score") or None
    yield one.get("inspectorScore") or None
    yield ((one.get("inspectorScoreDetails") or {}).get("adjustedCvss") or {}).get("score") or None


def _first_number(values: Iterable[Any]) -> float | None:
    return next((number for number in map(read_number, values) if number is not None), None)


def _iso(value: Any) -> str:
    at = read_time(value)
    return at.isoformat() if at else ""
