"""Image scans over the API: start a scan, read its findings in basic and enhanced shape."""

from __future__ import annotations

from typing import Any

from ecr_push.sandbox.finding_shapes import ScannedImage, basic_finding, enhanced_finding, severity_counts
from ecr_push.sandbox.model import EcrError, Image
from ecr_push.sandbox.operations.context import Context, Parameters, Result, page
from ecr_push.sandbox.scan_result import ScanResult


def start_image_scan(context: Context, parameters: Parameters) -> Result:
    image = context.image(parameters, parameters["imageId"])
    context.scans.request(parameters["repositoryName"], image.digest, manual=True)
    return {**_subject(context, parameters, image), "imageScanStatus": {"status": "IN_PROGRESS"}}


def describe_image_scan_findings(context: Context, parameters: Parameters) -> Result:
    """Only the first page has the severity counts."""
    image = context.image(parameters, parameters["imageId"])
    scan = context.scans.result(parameters["repositoryName"], image.digest)
    if scan is None:
        asked = parameters["imageId"]
        digest, tag = (asked.get(name, "null") for name in ("imageDigest", "imageTag"))
        raise EcrError(
            "ScanNotFoundException",
            "Image scan does not exist for the image with "
            f"'{{imageDigest:'{digest}', imageTag:'{tag}'}}' in the repository with name "
            f"'{parameters['repositoryName']}' in the registry with id '{context.state.account}'",
        )
    findings, token = _findings(context, parameters, image, scan)
    return {
        **_subject(context, parameters, image),
        "imageScanStatus": {"status": scan.status, "description": scan.description or None},
        "imageScanFindings": findings,
        "nextToken": token,
    }


def _subject(context: Context, parameters: Parameters, image: Image) -> Result:
    """The image of the response: with the tag, if the request named it."""
    image_id = {"imageDigest": image.digest, "imageTag": parameters["imageId"].get("imageTag")}
    return {**context.named(context.repository(parameters)), "imageId": image_id}


def _findings(
    context: Context, parameters: Parameters, image: Image, scan: ScanResult
) -> tuple[dict[str, Any] | None, str | None]:
    """Shape ImageScanFindings and the next page's token; None if the status has no findings."""
    if scan.completed_at is None:
        return _unfinished(scan), None
    if scan.scan_type == "ENHANCED":
        scanned = ScannedImage(context.repository(parameters), image, scan)
        member, findings = "enhancedFindings", [enhanced_finding(it, scanned) for it in scan.findings]
    else:
        member, findings = "findings", [basic_finding(it) for it in scan.findings]
    shown, token = page(findings, parameters)
    is_first = "nextToken" not in parameters
    return {
        "imageScanCompletedAt": scan.completed_at,
        "vulnerabilitySourceUpdatedAt": scan.source_updated_at,
        "findingSeverityCounts": severity_counts(findings) if is_first else None,
        member: shown,
    }, token


def _unfinished(scan: ScanResult) -> dict[str, Any] | None:
    """The findings of an unfinished scan. Recorded responses have nothing for IN_PROGRESS and FAILED, empty
    lists for PENDING, and an empty basic list for an enhanced scan that is COMPLETE too early
    (aws/aws-sdk#289)."""
    if scan.status == "PENDING":
        return {"findings": []} | ({"enhancedFindings": []} if scan.scan_type == "ENHANCED" else {})
    return {"findings": []} if scan.status in ("COMPLETE", "ACTIVE") else None
