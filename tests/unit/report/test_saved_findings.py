from __future__ import annotations

import json
from typing import Any

import pytest

from ecr_push.base.errors import ScanError, SettingsError
from ecr_push.base.severity import Severity
from ecr_push.pipeline.outcome import Outcome
from ecr_push.report import document
from ecr_push.report.document_read import Saved
from ecr_push.report.saved_findings import read_saved
from ecr_push.scan.findings import Finding, PlatformScan, ScanReport
from tests.support.fakes import digest

BASIC = {
    "registryId": "123456789012",
    "repositoryName": "team/app",
    "imageId": {"imageDigest": digest("x").value},
    "imageScanStatus": {"status": "COMPLETE"},
    "imageScanFindings": {
        "imageScanCompletedAt": 1579839105.0,
        "findings": [{"name": "CVE-1", "severity": "HIGH", "attributes": []}],
        "findingSeverityCounts": {"HIGH": 3},
    },
}
FOUND = {
    "type": "PACKAGE_VULNERABILITY",
    "severity": "CRITICAL",
    "status": "ACTIVE",
    "inspectorScore": 9.8,
    "packageVulnerabilityDetails": {
        "vulnerabilityId": "CVE-2",
        "vulnerablePackages": [{"name": "openssl", "version": "3.0.11", "fixedInVersion": "3.0.14"}],
    },
}


def at(image: str, architecture: str) -> dict[str, Any]:
    details = {"imageHash": digest(image).value, "architecture": architecture, "repositoryName": "team/app"}
    return {**FOUND, "resources": [{"details": {"awsEcrContainerImage": details}}]}


def read(*documents: Any) -> Saved:
    return read_saved([(f"{number}.json", json.dumps(one).encode()) for number, one in enumerate(documents)])


def test_an_answer_of_describe_image_scan_findings() -> None:
    saved = read(BASIC)
    (scan,) = saved.report.platforms
    assert saved.report.mode == "basic"
    assert (scan.digest, scan.counts) == (digest("x"), {Severity.HIGH: 3})
    assert [one.id for one in scan.findings] == ["CVE-1"]
    assert saved.subject.repository == "team/app"


def test_several_files_are_platforms() -> None:
    assert [one.platform for one in read(BASIC, BASIC).report.platforms] == ["0.json", "1.json"]


def test_an_export_of_inspector() -> None:
    other = {**FOUND, "type": "CODE_VULNERABILITY"}
    closed = {**at("x", "amd64"), "status": "CLOSED"}
    saved = read({"findings": [at("x", "amd64"), other, closed]})
    (scan,) = saved.report.platforms
    assert (saved.report.mode, scan.platform, scan.digest) == ("enhanced", "", digest("x"))
    assert [(one.id, one.severity, one.score) for one in scan.findings] == [("CVE-2", Severity.CRITICAL, 9.8)]
    both = read({"findings": [at("x", "amd64"), at("y", "arm64")]}).report.platforms
    assert [one.platform.split()[0] for one in both] == ["amd64", "arm64"]
    assert read({"findings": [closed]}).report.platforms[0].findings == ()


def test_a_result_document_of_ours_is_read_back() -> None:
    one = Finding("CVE-1", Severity.HIGH, "openssl", "3.0.11", "3.0.14", "title", "https://x.example", 7.5)
    scan = PlatformScan(digest("x"), "linux/amd64", "ACTIVE", (one,), {Severity.HIGH: 2}, "2026-01-02")
    lost = PlatformScan(digest("y"), "linux/arm64", "UNSUPPORTED_IMAGE", unscannable="no package manager")
    report = ScanReport("enhanced", (scan, lost))
    assert read_saved([("r.json", document.render(Outcome(scan=report)).encode())]).report == report


@pytest.mark.parametrize(
    "partial",
    [
        {**BASIC, "nextToken": "x"},
        {**BASIC, "NextToken": "x"},  # what the AWS CLI writes with --max-items
        {"findings": [], "nextToken": "x"},
        {**BASIC, "imageScanStatus": {"status": "PENDING"}},
        {**BASIC, "imageScanStatus": {"status": "NEW_WORD"}},
        {**BASIC, "imageScanStatus": {}},
        {"documentVersion": 1, "status": "failed", "scan": None},
        {"documentVersion": 1, "scan": {"mode": "basic", "platforms": []}},
        # Inspector lists nothing of an image that it has not scanned.
        {"findings": []},
        {"findings": [{**FOUND, "type": "NETWORK_REACHABILITY"}]},
        # COMPLETE with nothing is how enhanced scanning begins (aws/aws-sdk#289).
        {**BASIC, "imageScanFindings": {"findingSeverityCounts": {"HIGH": 0}}},
    ],
)
def test_an_incomplete_answer_is_never_a_pass(partial: Any) -> None:
    with pytest.raises(ScanError):
        read(partial)


def test_an_image_that_cannot_be_scanned() -> None:
    saved = read({**BASIC, "imageScanStatus": {"status": "UNSUPPORTED_IMAGE", "description": "no system"}})
    assert saved.report.unscannable[0].unscannable == "no system"


@pytest.mark.parametrize(
    "other",
    [{}, [], 7, {"bomFormat": "CycloneDX"}, {"findings": 7}, {"documentVersion": 1, "scan": {}, "x": 1}],
)
def test_what_holds_no_findings(other: Any) -> None:
    with pytest.raises((SettingsError, ScanError)):
        read(other)
    with pytest.raises(SettingsError, match="the settings are wrong"):
        read_saved([("x.json", b"{")])


def own(platforms: list[PlatformScan], *images: str) -> dict[str, Any]:
    found: dict[str, Any] = document.document(Outcome(scan=ScanReport("enhanced", tuple(platforms))))
    names = [{"digest": digest(one).value, "platform": None} for one in images]
    return found | {"image": {"digest": digest("index").value, "platforms": names}}


def test_a_result_document_that_lacks_a_platform_is_incomplete() -> None:
    """As that of a rollback may, which waits for no scan."""
    scan = PlatformScan(digest("x"), "linux/amd64", "ACTIVE")
    assert len(read(own([scan], "x")).report.platforms) == 1
    with pytest.raises(ScanError) as caught:
        read(own([scan], "x", "y"))
    assert digest("y").short in caught.value.what


@pytest.mark.parametrize("version", [0, 2, "1", None, True])
def test_a_result_document_of_another_version_is_not_guessed_at(version: Any) -> None:
    with pytest.raises(SettingsError):
        read(own([PlatformScan(digest("x"), "", "ACTIVE")], "x") | {"documentVersion": version})


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -1, "high", True, [9]])
def test_a_number_that_is_none_is_not_known_and_not_a_low_one(score: Any) -> None:
    found = own([PlatformScan(digest("x"), "", "ACTIVE", (Finding("CVE-1", Severity.LOW),))], "x")
    found["scan"]["platforms"][0]["findings"][0] |= {"score": score, "epss": score, "exploited": "no"}
    (one,) = read(found).report.platforms[0].findings
    assert (one.score, one.epss, one.exploited) == (None, None, None)
