from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
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

NOW = datetime(2026, 3, 4, tzinfo=timezone.utc)
BASIC: dict[str, Any] = {
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
    files = [(f"{number}.json", json.dumps(one).encode()) for number, one in enumerate(documents)]
    return read_saved(files, NOW)


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
    assert read_saved([("r.json", document.render(Outcome(scan=report)).encode())], NOW).report == report


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
        read_saved([("x.json", b"{")], NOW)


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


@pytest.mark.parametrize("score", [-1, "high", True, [9]])
def test_a_number_that_is_none_is_not_known_and_not_a_low_one(score: Any) -> None:
    found = own([PlatformScan(digest("x"), "", "ACTIVE", (Finding("CVE-1", Severity.LOW),))], "x")
    found["scan"]["platforms"][0]["findings"][0] |= {"score": score, "epss": score, "exploited": "no"}
    (one,) = read(found).report.platforms[0].findings
    assert (one.score, one.epss, one.exploited) == (None, None, None)


def basic(status: Any = "COMPLETE", **body: Any) -> dict[str, Any]:
    whole = {"imageScanCompletedAt": 1579839105.0, "findings": [], "findingSeverityCounts": {}} | body
    return {**BASIC, "imageScanStatus": {"status": status}, "imageScanFindings": whole}


def without(name: str) -> dict[str, Any]:
    found = basic()
    del found["imageScanFindings"][name]
    return found


def ours(**change: Any) -> dict[str, Any]:
    found = own([PlatformScan(digest("x"), "", "COMPLETE", completed_at="2026-01-02")], "x")
    found["scan"]["platforms"][0] |= change
    return found


FINDING = {"id": "CVE-1", "severity": "LOW"}


def test_what_is_complete_is_an_answer() -> None:
    """What the tables below change, as it is."""
    for whole in (basic(), ours(), ours(findings=[FINDING]), basic(enhancedFindings=[]), basic("ACTIVE")):
        assert len(read(whole).report.platforms) == 1


# What a person reads of each: a whole answer that is about something else, or about nothing.
NO_ANSWERS: dict[str, Any] = {
    "no list of findings": without("findings"),
    "a list that is null": basic(findings=None),
    "findings in a list that is not known": basic(codeFindings=[{"severity": "HIGH"}]),
    "findings in an object that is not known": basic(findingsByLayer={"sha256:1": [{"severity": "HIGH"}]}),
    "findings beside the answer": {**basic(), "moreFindings": [{"severity": "HIGH"}]},
    "an export with a list that is not known": {"findings": [FOUND], "codeFindings": [FOUND]},
    "a status that is not known": basic("COMPLETE_WITH_ERRORS"),
    "completed in the future": basic(imageScanCompletedAt=32503680000.0),
    "completed before there were scans": basic(imageScanCompletedAt=1.0),
    "ours, PENDING": ours(status="PENDING"),
    "ours, FAILED": ours(status="FAILED"),
    "ours, a status that is not known": ours(status="DONE"),
    "ours, in another case": ours(status="complete"),
    "ours, FAILED as if it could not be scanned": ours(status="FAILED", unscannable="the scan failed"),
    "ours, IN_PROGRESS as if it could not be scanned": ours(status="IN_PROGRESS", unscannable="not yet"),
    "ours, completed in the future": ours(completedAt="3000-01-01T00:00:00+00:00"),
    "ours, completed before there were scans": ours(completedAt=0),
    "ours, a list that is not known": ours(secretFindings=[FINDING]),
}
COUNTS = [-1, 0.9, 2.0, float("1e999"), True, "3", None, [], {}]
# Files that no scan, and no run of ours, has written.
BROKEN: dict[str, Any] = {
    **{f"findings: {odd!r}": basic(findings=odd) for odd in (False, True, {}, "", 0, {"a": 1}, [None], [[]])},
    **{f"enhancedFindings: {odd!r}": basic(enhancedFindings=odd) for odd in (False, {}, "none", ["x"])},
    **{f"a count of {odd!r}": basic(findingSeverityCounts={"HIGH": odd}) for odd in COUNTS},
    **{f"counts: {odd!r}": basic(findingSeverityCounts=odd) for odd in (False, [], "none", 0)},
    **{
        f"completed at {odd!r}": basic(imageScanCompletedAt=odd)
        for odd in ("soon", True, [], {}, float("1e300"))
    },
    **{f"a severity of {odd!r}": basic(findings=[{"severity": odd}]) for odd in (["LOW"], {"a": 1})},
    **{f"attributes: {odd!r}": basic(findings=[{"attributes": odd}]) for odd in ({"a": 1}, "x", [7])},
    **{
        f"details: {odd!r}": basic(enhancedFindings=[{"packageVulnerabilityDetails": odd}])
        for odd in ([], "x", {"vulnerablePackages": {"name": "x"}}, {"vulnerablePackages": [[]]})
    },
    **{f"status: {odd!r}": basic(odd) for odd in (["COMPLETE"], {"a": 1}, 7, True)},
    "another digest": {**basic(), "imageId": {"imageDigest": "latest"}},
    "an image id that is a list": {**basic(), "imageId": ["x"]},
    "an export of no list": {"findings": {}},
    "an export of an odd resource": {"findings": [{**FOUND, "resources": [{"details": "x"}]}]},
    "an export of an odd digest": {
        "findings": [{**FOUND, "resources": [{"details": {"awsEcrContainerImage": {"imageHash": "x"}}}]}]
    },
    **{f"ours, a count of {odd!r}": ours(counts={"HIGH": odd}) for odd in COUNTS},
    **{f"ours, findings: {odd!r}": ours(findings=odd) for odd in (None, False, {}, "x", [None], [7])},
    **{
        f"ours, {name}: {odd!r}": ours(findings=[FINDING | {name: odd}])
        for name in ("id", "severity", "package", "title", "fix", "firstSeen")
        for odd in (["x"], {"a": 1})
    },
    **{
        f"ours, aliases: {odd!r}": ours(findings=[FINDING | {"aliases": odd}])
        for odd in ("CVE-2", {"a": 1}, [[]])
    },
    **{
        f"ours, packages: {odd!r}": ours(findings=[FINDING | {"packages": odd}])
        for odd in ("x", {"a": 1}, ["x"])
    },
    "ours, not scanned but with findings": ours(
        status="UNSUPPORTED_IMAGE", unscannable="no system", findings=[FINDING]
    ),
    "ours, an odd mode": ours() | {"scan": {**ours()["scan"], "mode": "thorough"}},
    "ours, platforms as an object": ours() | {"scan": {"mode": "basic", "platforms": {"a": 1}}},
    "ours, an image as text": ours() | {"image": "x"},
}


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_what_says_nothing_about_this_scan_is_not_an_answer(name: str) -> None:
    with pytest.raises(ScanError):
        read(NO_ANSWERS[name])


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_no_scan_has_written_is_not_read(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(BROKEN[name])
    assert "could not read the findings" in caught.value.why or "not valid JSON" in caught.value.why


def test_a_list_that_is_not_known_says_what_to_do() -> None:
    with pytest.raises(ScanError) as caught:
        read(basic(codeFindings=[{"severity": "HIGH"}]))
    assert "imageScanFindings.codeFindings is not known to this version of ecr-push" in caught.value.why
    assert "update ecr-push" in caught.value.remedy


@pytest.mark.parametrize("make", [lambda one: basic(findings=[one]), lambda one: ours(findings=[one])])
def test_a_severity_that_is_absent_counts_as_the_worst(make: Callable[[Any], Any]) -> None:
    for one in ({}, {"severity": None}, {"severity": "SEVERE"}):
        (scan,) = read(make({"id": "CVE-1", "name": "CVE-1", **one})).report.platforms
        assert scan.counts == {Severity.UNRECOGNISED: 1}


def test_of_two_findings_with_one_arn_the_worse_counts() -> None:
    for severities in (["LOW", "CRITICAL"], ["CRITICAL", "LOW"], ["MEDIUM", "CRITICAL", "LOW"]):
        found = [{"findingArn": "arn:1", "severity": one, "title": "CVE-1"} for one in severities]
        (scan,) = read(basic(enhancedFindings=found)).report.platforms
        assert scan.counts == {Severity.CRITICAL: 1}
    closed = [
        {"findingArn": "arn:1", "severity": "HIGH", "status": "ACTIVE"},
        {"findingArn": "arn:1", "severity": "HIGH", "status": "CLOSED"},
    ]
    for both in (closed, closed[::-1]):
        assert read(basic(enhancedFindings=both)).report.platforms[0].counts == {Severity.HIGH: 1}


def test_a_fix_that_is_not_known_is_not_the_lack_of_one() -> None:
    """Under fixable-only a finding without a fix is not counted."""
    (scan,) = read(ours(findings=[FINDING | {"fix": "SOON"}])).report.platforms
    assert scan.findings[0].fixable is None


def test_an_export_of_a_new_type_counts() -> None:
    for type_ in (None, "", "CONTAINER_VULNERABILITY"):
        (scan,) = read({"findings": [{**FOUND, "type": type_}]}).report.platforms
        assert scan.counts == {Severity.CRITICAL: 1}
