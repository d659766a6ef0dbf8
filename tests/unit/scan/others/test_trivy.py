from __future__ import annotations

from typing import Any

import pytest

from ecr_push.base.errors import ScanError
from ecr_push.base.severity import Severity
from ecr_push.base.shape import OddValueError
from ecr_push.scan.findings import Finding, Package
from ecr_push.scan.others.trivy import read_trivy
from tests.support.other_scanners import CONFIG, HEX, IMAGE, trivy, trivy_finding


def found(**result: Any) -> Finding:
    """The one finding of a result."""
    (one,) = read_trivy({**trivy(), "Results": [{"Target": "app", **result}]}).findings
    return one


def test_a_vulnerability_has_what_trivy_says_of_it() -> None:
    cvss = {"nvd": {"V2Score": 10.0, "V3Score": 7.5}, "redhat": {"V3Score": 8.1}, "ghsa": {}}
    one = trivy_finding("CVE-2026-1", "HIGH", FixedVersion="3.0.10", Title="A flaw", CVSS=cvss)
    report = read_trivy(trivy(one))
    assert (report.tool, report.platform) == ("Trivy 0.70.0", "linux/amd64")
    assert report.digests == {IMAGE, CONFIG}
    assert report.findings == (
        Finding(
            "CVE-2026-1",
            Severity.HIGH,
            "openssl",
            "3.0.9",
            "3.0.10",
            "A flaw",
            score=8.1,
            packages=(Package("openssl", "3.0.9", "3.0.10", "OS", "", f"sha256:{HEX}", "debian"),),
            fix="YES",
        ),
    )


@pytest.mark.parametrize(
    ("purl", "manager", "path"),
    [
        ("pkg:golang/golang.org/x/text@v0.3.5", "GOBINARY", "app"),
        ("pkg:pypi/pyyaml@5.3.1", "PYTHONPKG", "app"),
        ("pkg:maven/org.apache/log4j@2", "JAR", "app"),
        ("pkg:nuget/Newtonsoft.Json@12", "NUGET", "app"),
        ("", "UNKNOWN", "app"),
        ("pkg:apk/alpine/git@2", "OS", ""),
    ],
)
def test_a_package_is_named_as_inspector_names_its_manager(purl: str, manager: str, path: str) -> None:
    one = trivy_finding("CVE-1", "LOW", PkgIdentifier={"PURL": purl})
    (package,) = found(Vulnerabilities=[one]).packages
    assert (package.manager, package.path) == (manager, path)


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("CRITICAL", Severity.CRITICAL),
        ("UNKNOWN", Severity.UNTRIAGED),
        ("NEGLIGIBLE", Severity.INFORMATIONAL),
        ("SEVERE", Severity.UNRECOGNISED),
        ("", Severity.UNRECOGNISED),
    ],
)
def test_severities(word: str, severity: Severity) -> None:
    assert found(Vulnerabilities=[trivy_finding("CVE-1", word)]).severity == severity


def test_whatever_else_it_found_counts_by_its_severity() -> None:
    secret = {"RuleID": "aws-access-key-id", "Severity": "CRITICAL", "Title": "AWS key", "Match": "AKIA…"}
    one = found(Secrets=[secret])
    assert (one.id, one.severity, one.package) == ("aws-access-key-id", Severity.CRITICAL, "app")
    assert "AKIA" not in repr(one)
    failed = {"ID": "DS002", "Severity": "HIGH", "Status": "FAIL"}
    assert found(Misconfigurations=[failed, {**failed, "Status": "PASS"}]).id == "DS002"
    licence = {"Name": "AGPL-3.0", "PkgName": "x", "Severity": "HIGH"}
    assert (found(Licenses=[licence]).id, found(Licenses=[licence]).package) == ("license AGPL-3.0", "x")


def test_a_result_may_be_of_no_target() -> None:
    custom = {"Target": "", "Class": "custom", "CustomResources": [{"Type": "x"}]}
    document = trivy(trivy_finding("CVE-1", "LOW"))
    assert len(read_trivy({**document, "Results": [*document["Results"], custom]}).findings) == 1


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"SchemaVersion": 3}, "SchemaVersion is 3: only 2 is supported"),
        ({"SchemaVersion": True}, "SchemaVersion is True"),
        ({"Results": "x"}, "Results is 'x', expected a list"),
        ({"Results": [{}]}, "Results[0].Target is absent"),
        ({"Results": [{"Target": "a", "Vulnerabilities": {}}]}, "expected a list"),
        ({"Results": [{"Target": "a", "NewFindings": [{}]}]}, "NewFindings"),
        ({"ArtifactType": ""}, "ArtifactType is ''"),
    ],
)
def test_what_trivy_does_not_write_is_odd(change: dict[str, Any], text: str) -> None:
    with pytest.raises(OddValueError) as caught:
        read_trivy({**trivy(), **change})
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"ArtifactType": "filesystem"}, "Trivy's report is about a filesystem"),
        ({"Results": None}, "Trivy's report has no results"),
        ({"Results": []}, "Trivy's report has no results"),
    ],
)
def test_what_is_not_a_scan_of_an_image_gives_no_answer(change: dict[str, Any], text: str) -> None:
    with pytest.raises(ScanError) as caught:
        read_trivy({**trivy(), **change})
    assert caught.value.what == text
