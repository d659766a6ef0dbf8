"""Matches as ECR shows them: shapes ImageScanFinding (basic) and EnhancedImageScanFinding.

Where the service model leaves values open, they follow recorded answers of ECR and Amazon Inspector.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from ecr_push.base.partition import partition_of
from ecr_push.base.regex import lazy_regex
from ecr_push.sandbox.advisories import Match
from ecr_push.sandbox.inventory import InstalledPackage
from ecr_push.sandbox.model import Image, StoredRepository
from ecr_push.sandbox.scan_result import ScanResult
from ecr_push.sandbox.version_order import family

Finding = dict[str, Any]

_MAX_ATTRIBUTE = 256  # characters; shape AttributeValue
_OS_VERSION = lazy_regex(r"(?:(?P<epoch>\d+):)?(?P<version>.*?)(?:-(?P<release>[^-]*))?")
_TRACKERS = {
    "Debian": "https://security-tracker.debian.org/tracker/{}",
    "Ubuntu": "https://ubuntu.com/security/{}",
    "Alpine": "https://security.alpinelinux.org/vuln/{}",
}
_SOURCES = {"Debian": "DEBIAN_CVE", "Ubuntu": "UBUNTU_CVE"}


@dataclass(frozen=True)
class ScannedImage:
    """The image that an enhanced finding belongs to."""

    repository: StoredRepository
    image: Image
    scan: ScanResult


def basic_finding(match: Match) -> Finding:
    """Shape ImageScanFinding."""
    name, version = _subject(match.package)
    attributes = {"package_version": version, "package_name": name}
    if match.score is not None:
        major = match.rating.version.partition(".")[0]
        attributes |= {f"CVSS{major}_VECTOR": match.vector, f"CVSS{major}_SCORE": f"{match.score:.1f}"}
    return {
        "name": match.advisory.name,
        "description": _description(match),
        "uri": _uri(match),
        "severity": match.severity,
        "attributes": [
            {"key": key, "value": value} for key, value in attributes.items() if len(value) <= _MAX_ATTRIBUTE
        ],
    }


def enhanced_finding(match: Match, scanned: ScannedImage) -> Finding:
    """Shape EnhancedImageScanFinding, as Amazon Inspector fills it. Times are seconds since the epoch."""
    observed_at = scanned.scan.completed_at
    name, _ = _subject(match.package)
    finding: Finding = {
        "awsAccountId": scanned.repository.registry_id,
        "description": _description(match),
        "findingArn": _arn(match, scanned),
        "firstObservedAt": observed_at,
        "lastObservedAt": observed_at,
        "packageVulnerabilityDetails": _details(match),
        "remediation": {"recommendation": {"text": "None Provided"}},
        "resources": [_resource(scanned)],
        # Without a vector Inspector reports a score of 0, and without a severity's name UNTRIAGED.
        "score": match.score or 0.0,
        "severity": "UNTRIAGED" if match.severity == "UNDEFINED" else match.severity,
        "status": "ACTIVE",
        "title": f"{match.advisory.name} - {name}",
        "type": "PACKAGE_VULNERABILITY",
        "updatedAt": observed_at,
        "fixAvailable": "YES" if match.fixed_version else "NO",
        "exploitAvailable": "NO",
    }
    if match.score is not None:
        finding["scoreDetails"] = {
            "cvss": {
                "adjustments": [],
                "score": match.score,
                "scoreSource": "NVD",
                "scoringVector": match.vector,
                "version": match.rating.version,
            }
        }
    return finding


def severity_counts(findings: list[Finding]) -> dict[str, int]:
    """Returns `findingSeverityCounts` of findings of either shape, without severities that have none."""
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding["severity"]] = counts.get(finding["severity"], 0) + 1
    return counts


def _details(match: Match) -> dict[str, Any]:
    rating, advisory = match.rating, match.advisory
    details: dict[str, Any] = {
        "cvss": [
            {
                "baseScore": rating.score,
                "scoringVector": rating.vector,
                "source": "NVD",
                "version": rating.version,
            }
        ]
        if rating.score is not None
        else [],
        "referenceUrls": list(advisory.references),
        "relatedVulnerabilities": [],
        "source": _SOURCES.get(family(match.package.ecosystem), "NVD"),
        "sourceUrl": _uri(match),
        "vendorSeverity": rating.severity,
        "vendorUpdatedAt": advisory.modified_at,
        "vulnerabilityId": advisory.name,
        "vulnerablePackages": [_vulnerable_package(match)],
    }
    if advisory.published_at is not None:
        details["vendorCreatedAt"] = advisory.published_at
    return details


def _vulnerable_package(match: Match) -> dict[str, Any]:
    package = match.package
    name, version = _subject(package)
    shown: dict[str, Any] = {
        "epoch": 0,
        "name": name,
        "version": version,
        "sourceLayerHash": package.layer,
        "packageManager": "PYTHON" if package.kind == "pypi" else "OS",
        "fixedInVersion": match.fixed_version or "NotAvailable",
    }
    if package.kind == "pypi":
        return shown | {"filePath": package.path}
    if parts := _OS_VERSION.fullmatch(version):
        shown |= {"epoch": int(parts["epoch"] or 0), "version": parts["version"]}
        if parts["release"]:
            shown["release"] = parts["release"]
    if package.architecture:
        shown["arch"] = package.architecture.upper()
    if match.fixed_version and ":" not in match.fixed_version:
        shown["fixedInVersion"] = f"0:{match.fixed_version}"
    return shown


def _resource(scanned: ScannedImage) -> dict[str, Any]:
    repository, image = scanned.repository, scanned.image
    return {
        "details": {
            "awsEcrContainerImage": {
                "architecture": scanned.scan.architecture,
                "imageHash": image.digest,
                "imageTags": list(image.tags),
                "platform": scanned.scan.platform,
                "pushedAt": image.pushed_at,
                "registry": repository.registry_id,
                "repositoryName": repository.name,
            }
        },
        "id": f"{repository.arn}/{image.digest}",
        "tags": {},
        "type": "AWS_ECR_CONTAINER_IMAGE",
    }


def _arn(match: Match, scanned: ScannedImage) -> str:
    """Stable: the same finding always has the same ARN."""
    repository, package = scanned.repository, match.package
    subject = (repository.arn, scanned.image.digest, match.advisory.name, *_subject(package), package.path)
    name = hashlib.sha256("\n".join(subject).encode()).hexdigest()[:32]
    where = f"{partition_of(repository.region)}:inspector2:{repository.region}:{repository.registry_id}"
    return f"arn:{where}:finding/{name}"


def _subject(package: InstalledPackage) -> tuple[str, str]:
    """Name and version as ECR reports them: for a distribution's package those of its source package."""
    return package.source_name, package.source_version


def _description(match: Match) -> str:
    return match.advisory.details or match.advisory.summary or "None Provided"


def _uri(match: Match) -> str:
    name = match.advisory.name
    if not name.startswith("CVE-"):
        return f"https://osv.dev/vulnerability/{name}"
    return _TRACKERS.get(family(match.package.ecosystem), "https://nvd.nist.gov/vuln/detail/{}").format(name)
