"""Responses of AWS about an image's vulnerabilities -> `Finding`s. Pure.

Absent, null or new values do not make reading fail, and no finding is dropped because of them: an unknown
severity counts as the worst, and a finding without a package is kept. A list where there must be a text, an
object where there must be a list, or a count that counts nothing, raises OddValueError.
Shapes: ImageScanFinding and EnhancedImageScanFinding of ECR's service model, Finding of Inspector's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from ecr_push.base.purl import SYSTEM_MANAGERS
from ecr_push.base.severity import Severity
from ecr_push.base.shape import OddValueError, count, each, items, mapping, member, scalar
from ecr_push.base.values import read_number, read_time
from ecr_push.scan.answer_shape import FINDINGS
from ecr_push.scan.distribution import of_platform, of_tracker
from ecr_push.scan.findings import Finding, Package

# What Inspector writes for an unknown value.
_NOTHING = frozenset({"NotAvailable", "None Provided", "N/A"})
_NOT_ACTIVE = frozenset({"CLOSED", "SUPPRESSED"})
_DETAILS = "packageVulnerabilityDetails"
_CVSS_ATTRIBUTES = ("CVSS4_SCORE", "CVSS3_SCORE", "CVSS2_SCORE")


class FindingsReader:
    """Collects the findings of a response that has several pages.

    Each page is read as it arrives and can then be freed; texts that repeat (a layer's digest, the
    description of a vulnerability in many packages) are stored once. So 50,000 findings fit into memory.
    """

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._arns: dict[str, int] = {}
        self._texts: dict[str, str] = {}

    def add(self, page: Mapping[str, Any]) -> None:
        """Adds a page of DescribeImageScanFindings. A finding that moves to a later page counts once."""
        self._found += each(self._basic, page, FINDINGS, "findings")
        each(self._add_enhanced, page, FINDINGS, "enhancedFindings")

    def findings(self) -> tuple[Finding, ...]:
        """Returns the findings, worst first."""
        return tuple(sorted(self._found, key=lambda found: (-found.severity, found.id, found.package)))

    def _add_enhanced(self, one: Mapping[str, Any]) -> None:
        arn = self._text(one, "findingArn")
        # Closed and suppressed findings stay listed for a while; Inspector no longer counts them.
        if scalar(one, "status") in _NOT_ACTIVE:
            return
        found = self._enhanced(one)
        place = self._arns.get(arn)
        if place is not None:
            self._found[place] = max(self._found[place], found, key=_badness)
            return
        if arn:
            self._arns[arn] = len(self._found)
        self._found.append(found)

    def _basic(self, one: Mapping[str, Any]) -> Finding:
        attributes = dict(each(lambda pair: (scalar(pair, "key"), scalar(pair, "value")), one, "attributes"))
        name, version = self._text(attributes, "package_name"), self._text(attributes, "package_version")
        description, uri = self._text(one, "description"), self._text(one, "uri")
        package = Package(name, version, distribution=of_tracker(uri))
        return Finding(
            id=self._text(one, "name"),
            severity=Severity.read(self._text(one, "severity")),
            package=name,
            version=version,
            title=description,
            uri=uri,
            score=_first_number(attributes.get(key) for key in _CVSS_ATTRIBUTES),
            description=description,
            packages=(package,) if name else (),
        )

    def _enhanced(self, one: Mapping[str, Any]) -> Finding:
        """Reads a finding that may name several packages; it counts once, as in Inspector."""
        details = mapping(one, _DETAILS)
        systems = dict.fromkeys(each(_system, one, "resources"))
        # A finding is of one image; of several, which have one system.
        system = next(iter(systems)) if len(systems) == 1 else ""
        read = partial(self._package, distribution=of_platform(system))
        packages = tuple(each(read, one, _DETAILS, "vulnerablePackages"))
        description, title = self._text(one, "description"), self._text(one, "title")
        id_ = self._text(details, "vulnerabilityId") or title or self._text(one, "findingArn")
        return Finding(
            id=id_,
            severity=Severity.read(self._text(one, "severity")),
            package=self._kept(", ".join(dict.fromkeys(package.name for package in packages))),
            version=packages[0].version if packages else "",
            fixed_in=next((package.fixed_in for package in packages if package.fixed_in), ""),
            title=title or description,
            uri=self._text(details, "sourceUrl"),
            score=_first_number(_scores(one)),
            description=description,
            packages=packages,
            epss=read_number(member(one, "epss", "score")),
            exploited={"YES": True, "NO": False}.get(scalar(one, "exploitAvailable").upper()),
            fix=read_fix(one, "fixAvailable"),
            aliases=tuple(
                name
                for other in items(details, "relatedVulnerabilities")
                if (name := self._text(other)) and name != id_
            ),
            first_seen=self._kept(_iso(one.get("firstObservedAt"))),
        )

    def _package(self, one: Mapping[str, Any], distribution: str) -> Package:
        fixed, manager = self._text(one, "fixedInVersion"), self._text(one, "packageManager")
        return Package(
            name=self._text(one, "name"),
            version=self._kept(_whole_version(one)),
            # Only this field includes an epoch of 0.
            fixed_in=self._kept(fixed.removeprefix("0:")),
            manager=manager,
            path=self._text(one, "filePath"),
            layer=self._text(one, "sourceLayerHash"),
            distribution=distribution if manager.upper() in SYSTEM_MANAGERS else "",
        )

    def _text(self, value: Any, *path: str) -> str:
        text = scalar(value, *path)
        return "" if text in _NOTHING else self._kept(text)

    def _kept(self, text: str) -> str:
        return self._texts.setdefault(text, text)


def read_findings(answer: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Returns the findings of a complete DescribeImageScanFindings response, worst first."""
    reader = FindingsReader()
    reader.add(answer)
    return reader.findings()


def read_counts(answer: Mapping[str, Any]) -> dict[Severity, int]:
    """Reads findingSeverityCounts. An unknown severity is counted as UNRECOGNISED.

    Raises OddValueError for a number that counts nothing: negative, fractional, infinite, a text.
    """
    return add_counts(answer, FINDINGS, "findingSeverityCounts")


def add_counts(value: Any, *path: str) -> dict[Severity, int]:
    """Reads an object of numbers by severity. Raises OddValueError."""
    counts: Counter[Severity] = Counter()
    for word in (found := mapping(value, *path)):
        try:
            counts[Severity.read(word)] += count(found, word)
        except OddValueError as odd:
            odd.under(".".join(path))
            raise
    return dict(counts)


def read_fix(value: Any, *path: str) -> str:
    """Reads YES, NO or PARTIAL; "" for any other text: whether there is a fix is not known."""
    word = scalar(value, *path).upper()
    return word if word in ("YES", "NO", "PARTIAL") else ""


def _system(resource: Mapping[str, Any]) -> str:
    """Inspector's word for the system of the image that a finding is of."""
    return scalar(resource, "details", "awsEcrContainerImage", "platform")


def _badness(one: Finding) -> tuple[Any, ...]:
    """The order of two findings with one ARN: Inspector changed it while its pages were read."""
    return one.severity, one.fixable is not False, one.exploited is not False, one.score or 0, one.epss or 0


def _whole_version(one: Mapping[str, Any]) -> str:
    """Returns `epoch:version-release` as the package manager writes it, with the parts that exist."""
    version, release, epoch = scalar(one, "version"), scalar(one, "release"), scalar(one, "epoch")
    epoch = "" if epoch in ("0", "False") else epoch
    return (f"{epoch}:" if epoch else "") + version + (f"-{release}" if release else "")


def _scores(one: Mapping[str, Any]) -> Iterable[Any]:
    """Yields the score from each field that may have it, ECR's first; 0 means that there is none yet."""
    yield one.get("score") or None
    yield member(one, "scoreDetails", "cvss", "score") or None
    yield one.get("inspectorScore") or None
    yield member(one, "inspectorScoreDetails", "adjustedCvss", "score") or None


def _first_number(values: Iterable[Any]) -> float | None:
    return next((number for number in map(read_number, values) if number is not None), None)


def _iso(value: Any) -> str:
    at = read_time(value)
    return at.isoformat() if at else ""
