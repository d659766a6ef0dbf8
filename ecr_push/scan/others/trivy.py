"""Trivy's JSON report of an image -> its findings. Pure.

Types: https://github.com/aquasecurity/trivy/blob/main/pkg/types/report.go, and finding types beside it.
Whatever Trivy was asked to look for counts by its severity: vulnerabilities, secrets, misconfigurations and
licenses. What its own configuration has left out is not in the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from ecr_push.base.errors import ScanError
from ecr_push.base.purl import Purl
from ecr_push.base.shape import (
    OddValueError,
    each,
    each_text,
    items,
    mapping,
    optional_text,
    text,
)
from ecr_push.base.values import read_number
from ecr_push.scan.answer_shape import check_known
from ecr_push.scan.findings import Finding, Package
from ecr_push.scan.others.model import (
    OtherReport,
    digests_in,
    distribution_of,
    manager_of,
    platform_of,
    read_severity,
)

_VERSION = 2
# A list of a result under another name could be findings of a kind that is not known here.
_RESULT = frozenset(
    {
        *("Target", "Class", "Type", "Packages", "Vulnerabilities", "Secrets", "Licenses"),
        *("Misconfigurations", "MisconfSummary", "CustomResources", "ExperimentalModifiedFindings"),
    }
)


def read_trivy(document: Mapping[str, Any]) -> OtherReport:
    """Raises OddValueError for what Trivy does not write, ScanError for a report that is not of a scan of an
    image."""
    version = document.get("SchemaVersion")
    if version != _VERSION or isinstance(version, bool):
        raise OddValueError("SchemaVersion", f"is {version!r:.60}: only {_VERSION} is supported")
    kind = text(document, "ArtifactType")
    if kind != "container_image":
        raise ScanError(
            f"Trivy's report is about a {kind:.60}",
            remedy='let Trivy scan the image: trivy image --format json "$CANDIDATE_IMAGE"',
        )
    if not items(document, "Results"):
        raise ScanError(
            "Trivy's report has no results",
            why="Trivy found nothing in the image that it can examine: neither a system nor packages",
        )
    found = [one for result in each(_result, document, "Results") for one in result]
    metadata = mapping(document, "Metadata")
    config = mapping(metadata, "ImageConfig")
    names = (
        optional_text(document, "ArtifactName"),
        optional_text(metadata, "ImageID"),
        *each_text(str, metadata, "RepoDigests"),
    )
    return OtherReport(
        f"Trivy {optional_text(document, 'Trivy', 'Version')}".rstrip(),
        digests_in(names),
        platform_of(optional_text(config, "os"), optional_text(config, "architecture")),
        tuple(found),
    )


def _result(result: Mapping[str, Any]) -> Iterable[Finding]:
    check_known(result, _RESULT)
    if "Target" not in result:  # Trivy always writes it, and an empty one for what is of no target
        raise OddValueError("Target", "is absent, expected text")
    target = optional_text(result, "Target")
    return [
        *each(partial(_vulnerability, target=target), result, "Vulnerabilities"),
        *each(partial(_secret, target=target), result, "Secrets"),
        *(one for one in each(partial(_misconfiguration, target=target), result, "Misconfigurations") if one),
        *each(partial(_license, target=target), result, "Licenses"),
    ]


def _vulnerability(one: Mapping[str, Any], target: str) -> Finding:
    purl = Purl.parse(optional_text(one, "PkgIdentifier", "PURL"))
    manager = manager_of(purl)
    name, fixed = optional_text(one, "PkgName"), optional_text(one, "FixedVersion")
    path = optional_text(one, "PkgPath") or ("" if manager == "OS" else target)
    package = Package(
        name,
        optional_text(one, "InstalledVersion"),
        fixed,
        manager,
        path,
        optional_text(one, "Layer", "Digest"),
        distribution_of(purl),
    )
    return Finding(
        id=optional_text(one, "VulnerabilityID") or "unnamed",
        severity=read_severity(optional_text(one, "Severity")),
        package=name,
        version=package.version,
        fixed_in=fixed,
        title=optional_text(one, "Title"),
        uri=optional_text(one, "PrimaryURL"),
        score=_score(mapping(one, "CVSS")),
        description=optional_text(one, "Description"),
        packages=(package,) if name else (),
        fix="YES" if fixed else "NO",
        aliases=tuple(each_text(str, one, "VendorIDs")),
    )


def _secret(one: Mapping[str, Any], target: str) -> Finding:
    """What was found is not shown, though Trivy masks it."""
    return _elsewhere(one, "RuleID", target)


def _misconfiguration(one: Mapping[str, Any], target: str) -> Finding | None:
    """Trivy lists checks that pass on request."""
    return None if optional_text(one, "Status") == "PASS" else _elsewhere(one, "ID", target)


def _license(one: Mapping[str, Any], target: str) -> Finding:
    found = _elsewhere(one, "Name", optional_text(one, "FilePath") or target)
    package = optional_text(one, "PkgName")
    return (
        found if not package else Finding(f"license {found.id}", found.severity, package, title=found.title)
    )


def _elsewhere(one: Mapping[str, Any], id_: str, target: str) -> Finding:
    """A finding that is in a file, and not in a package."""
    return Finding(
        id=optional_text(one, id_) or "unnamed",
        severity=read_severity(optional_text(one, "Severity")),
        package=target,
        title=optional_text(one, "Title"),
        uri=optional_text(one, "PrimaryURL"),
    )


def _score(by_source: Mapping[str, Any]) -> float | None:
    """The worst score of all sources, of the newest version of CVSS that they give."""
    for version in ("V40Score", "V3Score", "V2Score"):
        scores = [read_number(mapping(by_source, source).get(version)) for source in by_source]
        if known := [score for score in scores if score]:
            return max(known)
    return None
