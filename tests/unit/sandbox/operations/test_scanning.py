"""Scans over the API: statuses over time, what carries findings and what does not, pages, both shapes.

The expected shapes are written after recorded answers of ECR, those of aws/aws-sdk#289 among them.
"""

from __future__ import annotations

from typing import Any

import pytest

from ecr_push.sandbox.scenario import parse_scenario
from tests.support.sandbox.api import ACCOUNT, NOW, REGION, Api
from tests.support.sandbox.scans import (
    ACTIVE,
    APP,
    CLEAN,
    COMPLETE,
    DAY,
    VULNERABLE,
    enhanced,
    findings,
    push,
)


def start(api: Api, digest: str) -> dict[str, Any]:
    return api.call("StartImageScan", **APP, imageId={"imageDigest": digest})


def paths(value: Any, where: str = "") -> dict[str, str]:
    """Every leaf of a JSON document with its type; the members of a list are one."""
    if isinstance(value, dict):
        inner = [paths(item, f"{where}.{name}" if where else name) for name, item in value.items()]
        return {where: "empty"} if not value else {path: kind for it in inner for path, kind in it.items()}
    if isinstance(value, list):
        inner = [paths(item, f"{where}[]") for item in value]
        return {where: "empty"} if not value else {path: kind for it in inner for path, kind in it.items()}
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return {where: "number" if number else type(value).__name__}


SUBJECT = {
    "registryId": "str",
    "repositoryName": "str",
    "imageId.imageDigest": "str",
    "imageScanStatus.status": "str",
    "imageScanStatus.description": "str",
    "imageScanFindings.imageScanCompletedAt": "number",
    "imageScanFindings.vulnerabilitySourceUpdatedAt": "number",
}
BASIC = "imageScanFindings.findings[]"
BASIC_SHAPE = SUBJECT | {
    f"{BASIC}.name": "str",
    f"{BASIC}.description": "str",
    f"{BASIC}.uri": "str",
    f"{BASIC}.severity": "str",
    f"{BASIC}.attributes[].key": "str",
    f"{BASIC}.attributes[].value": "str",
}
ENHANCED = "imageScanFindings.enhancedFindings[]"
DETAILS = f"{ENHANCED}.packageVulnerabilityDetails"
IMAGE = f"{ENHANCED}.resources[].details.awsEcrContainerImage"
ENHANCED_TEXTS = (
    "awsAccountId",
    "description",
    "findingArn",
    "severity",
    "status",
    "title",
    "type",
    "fixAvailable",
    "exploitAvailable",
    "remediation.recommendation.text",
    "resources[].id",
    "resources[].type",
    "scoreDetails.cvss.scoreSource",
    "scoreDetails.cvss.scoringVector",
    "scoreDetails.cvss.version",
)
ENHANCED_NUMBERS = ("firstObservedAt", "lastObservedAt", "updatedAt", "score", "scoreDetails.cvss.score")
PACKAGE_TEXTS = ("arch", "name", "packageManager", "release", "sourceLayerHash", "version", "fixedInVersion")
ENHANCED_SHAPE = {
    **SUBJECT,
    **{f"{ENHANCED}.{name}": "str" for name in ENHANCED_TEXTS},
    **{f"{ENHANCED}.{name}": "number" for name in ENHANCED_NUMBERS},
    f"{ENHANCED}.resources[].tags": "empty",
    f"{ENHANCED}.scoreDetails.cvss.adjustments": "empty",
    **{f"{DETAILS}.{name}": "str" for name in ("source", "sourceUrl", "vendorSeverity", "vulnerabilityId")},
    f"{DETAILS}.referenceUrls[]": "str",
    f"{DETAILS}.relatedVulnerabilities": "empty",
    **{f"{DETAILS}.cvss[].{name}": "str" for name in ("scoringVector", "source", "version")},
    f"{DETAILS}.cvss[].baseScore": "number",
    **{f"{DETAILS}.vulnerablePackages[].{name}": "str" for name in PACKAGE_TEXTS},
    f"{DETAILS}.vulnerablePackages[].epoch": "number",
    **{f"{IMAGE}.{name}": "str" for name in ("architecture", "imageHash", "imageTags[]", "platform")},
    **{f"{IMAGE}.{name}": "str" for name in ("registry", "repositoryName")},
    f"{IMAGE}.pushedAt": "number",
}
# In the service model, and in some recorded answers only.
SOMETIMES = {
    f"{DETAILS}.vendorCreatedAt": "number",
    f"{DETAILS}.vendorUpdatedAt": "number",
    f"{DETAILS}.vulnerablePackages[].filePath": "str",
}


def shape(answer: dict[str, Any]) -> dict[str, str]:
    counts = "imageScanFindings.findingSeverityCounts."
    return {
        path: kind
        for path, kind in paths(answer).items()
        if not path.startswith(counts) and path not in SOMETIMES
    }


def test_nothing_is_scanned_unasked(app: Api) -> None:
    digest = push(app, VULNERABLE)
    code, message = app.refused("DescribeImageScanFindings", **APP, imageId={"imageDigest": digest})
    assert code == "ScanNotFoundException"
    assert message == (
        f"Image scan does not exist for the image with '{{imageDigest:'{digest}', imageTag:'null'}}' in the "
        f"repository with name 'team/app' in the registry with id '{ACCOUNT}'"
    )
    _, message = app.refused("DescribeImageScanFindings", **APP, imageId={"imageTag": "1.0"})
    assert "'{imageDigest:'null', imageTag:'1.0'}'" in message  # the image as it was asked for


def test_a_scan_is_started_and_found(app: Api) -> None:
    digest = push(app, VULNERABLE)
    assert start(app, digest) == {
        "registryId": ACCOUNT,
        **APP,
        "imageId": {"imageDigest": digest},
        "imageScanStatus": {"status": "IN_PROGRESS"},
    }
    answer = findings(app, digest)
    assert answer["imageScanStatus"] == COMPLETE
    assert shape(answer) == BASIC_SHAPE
    found = answer["imageScanFindings"]
    assert "CVE-2023-4911" in {it["name"] for it in found["findings"]}
    assert sum(found["findingSeverityCounts"].values()) == len(found["findings"])
    assert 0 not in found["findingSeverityCounts"].values()


def test_a_tag_that_was_asked_for_comes_back(app: Api) -> None:
    digest = push(app, CLEAN)
    start(app, digest)
    answer = app.call("DescribeImageScanFindings", **APP, imageId={"imageTag": "1.0"})
    assert answer["imageId"] == {"imageDigest": digest, "imageTag": "1.0"}
    assert answer["imageScanFindings"]["findings"] == []
    assert answer["imageScanFindings"]["findingSeverityCounts"] == {}


def test_scan_on_push_needs_no_start(app: Api) -> None:
    configuration = {"imageScanningConfiguration": {"scanOnPush": True}}
    app.call("PutImageScanningConfiguration", **APP, **configuration)
    digest = push(app, VULNERABLE)
    assert findings(app, digest)["imageScanStatus"] == COMPLETE
    assert app.refused("StartImageScan", **APP, imageId={"imageDigest": digest}) == (
        "LimitExceededException",
        "The scan quota per image has been exceeded. Wait and try again.",
    )


def test_a_scan_is_started_once_a_day_or_as_often_as_the_scenario_lets(app: Api) -> None:
    digest = push(app, CLEAN)
    start(app, digest)
    app.now += DAY - 1
    code, _ = app.refused("StartImageScan", **APP, imageId={"imageDigest": digest})
    assert code == "LimitExceededException"
    app.now += 1
    start(app, digest)
    app.faults.play(parse_scenario("scan: {restart: 0}"))
    start(app, digest)


def test_artifacts_that_cannot_be_scanned_are_refused(app: Api) -> None:
    child = push(app, CLEAN)
    index = app.push_index("team/app", "all", child)
    code, message = app.refused("StartImageScan", **APP, imageId={"imageDigest": index})
    assert code == "UnsupportedImageTypeException"
    assert message == (
        "An artifact with media type 'application/vnd.oci.image.index.v1+json' cannot be scanned"
    )
    absent = {"imageDigest": f"sha256:{'0' * 64}"}
    for operation in ("StartImageScan", "DescribeImageScanFindings"):
        assert app.refused(operation, **APP, imageId=absent)[0] == "ImageNotFoundException"
        assert app.refused(operation, **APP, imageId={})[0] == "InvalidParameterException"


def test_counts_come_on_the_first_page_only(app: Api) -> None:
    digest = push(app, VULNERABLE)
    start(app, digest)
    everything = findings(app, digest)["imageScanFindings"]
    first = findings(app, digest, maxResults=2)
    second = findings(app, digest, maxResults=100, nextToken=first["nextToken"])
    assert first["imageScanFindings"]["findingSeverityCounts"] == everything["findingSeverityCounts"]
    assert "findingSeverityCounts" not in second["imageScanFindings"]
    assert "nextToken" not in second
    pages = [*first["imageScanFindings"]["findings"], *second["imageScanFindings"]["findings"]]
    assert (len(first["imageScanFindings"]["findings"]), pages) == (2, everything["findings"])


def test_enhanced_scanning_has_its_own_shape(app: Api) -> None:
    enhanced(app)
    digest = push(app, VULNERABLE)
    answer = findings(app, digest)
    assert answer["imageScanStatus"] == ACTIVE
    assert shape(answer) == ENHANCED_SHAPE
    resource = answer["imageScanFindings"]["enhancedFindings"][0]["resources"][0]
    assert resource["id"] == f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/team/app/{digest}"
    assert resource["details"]["awsEcrContainerImage"]["platform"] == "DEBIAN_12"
    assert app.refused("StartImageScan", **APP, imageId={"imageDigest": digest}) == (
        "ValidationException",
        "This feature is disabled",
    )


def test_an_enhanced_scan_on_push_is_complete_not_active(app: Api) -> None:
    enhanced(app, "SCAN_ON_PUSH")
    assert findings(app, push(app, CLEAN))["imageScanStatus"] == COMPLETE


@pytest.mark.parametrize(
    ("is_enhanced", "status", "expected"),
    [
        (False, "PENDING", {"findings": []}),
        (True, "PENDING", {"findings": [], "enhancedFindings": []}),
        (False, "IN_PROGRESS", None),
        (False, "FAILED", None),
        (True, "UNSUPPORTED_IMAGE", None),
        (True, "SCAN_ELIGIBILITY_EXPIRED", None),
        (True, "FINDINGS_UNAVAILABLE", None),
        (True, "LIMIT_EXCEEDED", None),
        (True, "IMAGE_ARCHIVED", None),
        (True, "IMAGE_SIZE_EXCEEDED", None),
    ],
)
def test_a_status_without_a_result(
    app: Api, is_enhanced: bool, status: str, expected: dict[str, Any] | None
) -> None:
    if is_enhanced:
        enhanced(app)
    app.faults.play(parse_scenario(f"scan: {{statuses: [{status}], description: The reason}}"))
    digest = push(app, VULNERABLE)
    if not is_enhanced:
        start(app, digest)
    answer = findings(app, digest)
    assert answer["imageScanStatus"] == {"status": status, "description": "The reason"}
    assert answer.get("imageScanFindings") == expected


def test_statuses_follow_the_scenario_then_findings_come_late(app: Api) -> None:
    enhanced(app, "SCAN_ON_PUSH")
    app.faults.play(parse_scenario("scan: {statuses: [ScanNotFound, PENDING: 10, COMPLETE], findings: late}"))
    digest = push(app, VULNERABLE)
    assert app.refused("DescribeImageScanFindings", **APP, imageId={"imageDigest": digest})[0] == (
        "ScanNotFoundException"
    )
    assert findings(app, digest)["imageScanStatus"]["status"] == "PENDING"
    app.now += 11
    early = findings(app, digest)
    assert (early["imageScanStatus"], early["imageScanFindings"]) == (COMPLETE, {"findings": []})
    late = findings(app, digest)
    assert late["imageScanStatus"] == COMPLETE
    assert late["imageScanFindings"]["imageScanCompletedAt"] == NOW + 11
    assert late["imageScanFindings"]["enhancedFindings"]


def test_an_image_without_packages_fails_with_a_reason(app: Api) -> None:
    digest = push(app, {"app": "only a binary"})
    start(app, digest)
    answer = findings(app, digest)
    assert answer["imageScanStatus"]["status"] == "FAILED"
    assert answer["imageScanStatus"]["description"].startswith("UnsupportedImageError: The operating system")
