"""Amazon Inspector for container images: whether it is on, its coverage and its own findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecr_push.sandbox.finding_shapes import ScannedImage, enhanced_finding
from ecr_push.sandbox.model import EcrError, Image, StoredRepository
from ecr_push.sandbox.operations.context import Context, Parameters, Result, page
from ecr_push.sandbox.scan_result import ScanResult
from ecr_push.sandbox.scan_rules import applied_rule, scanning_configuration
from ecr_push.sandbox.scanner import is_scannable

_COVERAGE_PAGE = 200
# ECR's status of a scan -> Inspector's.
_REASONS = {
    "COMPLETE": ("ACTIVE", "SUCCESSFUL"),
    "ACTIVE": ("ACTIVE", "SUCCESSFUL"),
    "PENDING": ("INACTIVE", "PENDING_INITIAL_SCAN"),
    "IN_PROGRESS": ("INACTIVE", "SCAN_IN_PROGRESS"),
    "UNSUPPORTED_IMAGE": ("INACTIVE", "UNSUPPORTED_OS"),
}
_INTERNAL_ERROR = ("INACTIVE", "INTERNAL_ERROR")


def batch_get_account_status(context: Context, parameters: Parameters) -> Result:
    """Inspector is on, for ECR alone, while the registry's scan type is ENHANCED: what ECR turns on with it.

    The model requires the members of an error of a resource without one, too; what Inspector writes there is
    not documented.
    """
    scan_type = scanning_configuration(context.state.settings)["scanType"]
    ecr, off = _state("ENABLED" if scan_type == "ENHANCED" else "DISABLED"), _state("DISABLED")
    account = {
        "accountId": context.state.account,
        "state": ecr,
        "resourceState": {"ec2": off, "ecr": ecr, "lambda": off, "lambdaCode": off, "codeRepository": off},
    }
    others = [it for it in parameters.get("accountIds", ()) if it != context.state.account]
    failed = [
        {
            "accountId": other,
            "errorCode": "ACCESS_DENIED",
            "errorMessage": f"{context.identity.arn} is not the administrator of this account",
        }
        for other in others
    ]
    is_asked = not parameters.get("accountIds") or context.state.account in parameters["accountIds"]
    return {"accounts": [account] if is_asked else [], "failedAccounts": failed}


def _state(status: str) -> Result:
    """Shape State."""
    code = "ALREADY_ENABLED" if status == "ENABLED" else "RESOURCE_NOT_FOUND"
    return {"status": status, "errorCode": code, "errorMessage": f"scanning is {status}"}


def list_coverage(context: Context, parameters: Parameters) -> Result:
    """Filters for accountId, resourceId, resourceType, scanType and ecrRepositoryName."""
    criteria = parameters.get("filterCriteria", {})
    found = [
        covered
        for repository, image, scan in _inspected(context)
        if _matches(
            {
                "accountId": repository.registry_id,
                "resourceId": (covered := _covered(repository, image, scan))["resourceId"],
                "resourceType": covered["resourceType"],
                "scanType": covered["scanType"],
                "ecrRepositoryName": repository.name,
            },
            criteria,
        )
    ]
    shown, token = page(found, parameters, default=_COVERAGE_PAGE)
    return {"coveredResources": shown, "nextToken": token}


def list_findings(context: Context, parameters: Parameters) -> Result:
    """Filters for awsAccountId, findingStatus, severity, ecrImageHash, ecrImageRepositoryName and
    vulnerabilityId."""
    criteria = parameters.get("filterCriteria", {})
    found = [
        finding
        for repository, image, scan in _inspected(context)
        for match in scan.findings
        if _matches(
            {
                "awsAccountId": repository.registry_id,
                "findingStatus": (
                    finding := _finding(
                        context, enhanced_finding(match, ScannedImage(repository, image, scan))
                    )
                )["status"],
                "severity": finding["severity"],
                "ecrImageHash": image.digest,
                "ecrImageRepositoryName": repository.name,
                "vulnerabilityId": finding["packageVulnerabilityDetails"]["vulnerabilityId"],
            },
            criteria,
        )
    ]
    shown, token = page(found, parameters)
    return {"findings": shown, "nextToken": token}


def _inspected(context: Context) -> Iterator[tuple[StoredRepository, Image, ScanResult]]:
    """Every image that a rule of enhanced scanning covers."""
    for repository in context.state.repositories.all(context.kind):
        if applied_rule(context.state.settings, repository).scan_type != "ENHANCED":
            continue
        for image in context.state.images.all(context.kind, repository.name):
            scan = context.scans.own_result(repository.name, image.digest) if is_scannable(image) else None
            if scan:
                yield repository, image, scan


def _covered(repository: StoredRepository, image: Image, scan: ScanResult) -> dict[str, Any]:
    status, reason = _REASONS.get(scan.status, _INTERNAL_ERROR)
    return {
        "resourceType": "AWS_ECR_CONTAINER_IMAGE",
        "resourceId": f"{repository.arn}/{image.digest}",
        "accountId": repository.registry_id,
        "scanType": "PACKAGE",
        "scanStatus": {"statusCode": status, "reason": reason},
        "resourceMetadata": {"ecrImage": {"tags": list(image.tags)}},
        "lastScannedAt": scan.completed_at,
    }


def _finding(context: Context, ecrs: dict[str, Any]) -> dict[str, Any]:
    """ECR's shape EnhancedImageScanFinding as Inspector's shape Finding."""
    finding = {name: value for name, value in ecrs.items() if name not in ("score", "scoreDetails")}
    if "scoreDetails" in ecrs:
        finding["inspectorScore"] = ecrs["score"]
        cvss = ecrs["scoreDetails"]["cvss"]
        finding["inspectorScoreDetails"] = {"adjustedCvss": {**cvss, "cvssSource": cvss["scoreSource"]}}
    details = ecrs["packageVulnerabilityDetails"]
    packages = [
        {**one, "packageManager": "PYTHONPKG" if one["packageManager"] == "PYTHON" else one["packageManager"]}
        for one in details["vulnerablePackages"]
    ]
    finding["packageVulnerabilityDetails"] = {**details, "vulnerablePackages": packages}
    if (epss := context.scans.epss.get(details["vulnerabilityId"])) is not None:
        finding["epss"] = {"score": epss}
    return finding


def _matches(values: dict[str, str], criteria: dict[str, Any]) -> bool:
    """Whether every filter matches, each by one of its values. Raises EcrError for an unknown filter."""
    for name, filters in criteria.items():
        if name not in values:
            known = ", ".join(values)
            raise EcrError(
                "ValidationException", f"the sandbox does not implement the filter {name}, only {known}"
            )
        if filters and not any(_passes(values[name], one) for one in filters):
            return False
    return True


def _passes(value: str, wanted: dict[str, str]) -> bool:
    if wanted["comparison"] == "PREFIX":
        return value.startswith(wanted["value"])
    return (value == wanted["value"]) == (wanted["comparison"] == "EQUALS")
