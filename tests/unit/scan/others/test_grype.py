from __future__ import annotations

from typing import Any

import pytest

from ecr_push.base.errors import ScanError
from ecr_push.base.severity import Severity
from ecr_push.base.shape import OddValueError
from ecr_push.scan.findings import Finding, Package
from ecr_push.scan.others.grype import read_grype
from tests.support.other_scanners import CONFIG, IMAGE, grype, grype_match


def test_a_match_has_what_grype_says_of_it() -> None:
    related = [{"id": "CVE-2026-1"}, {"id": "GHSA-1"}]
    report = read_grype(grype(grype_match("GHSA-1", "High", relatedVulnerabilities=related)))
    assert (report.tool, report.platform) == ("Grype 0.121.2", "linux/amd64")
    assert report.digests == {IMAGE, CONFIG}
    package = Package("openssl", "3.0.9", "3.0.10", "OS", "/var/lib/dpkg/status", distribution="debian")
    assert report.findings == (
        Finding(
            "GHSA-1",
            Severity.HIGH,
            "openssl",
            "3.0.9",
            "3.0.10",
            "GHSA-1",
            "https://nvd.nist.gov/vuln/detail/GHSA-1",
            9.1,
            packages=(package,),
            epss=0.25,
            fix="YES",
            aliases=("CVE-2026-1",),
        ),
    )


def test_a_known_exploit_and_a_name_with_its_group() -> None:
    artifact = {"name": "log4j-core", "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}
    found = {"id": "CVE-2021-44228", "severity": "Negligible", "knownExploited": [{"cve": "CVE-2021-44228"}],
             "fix": {"state": "wont-fix"}}  # fmt: skip
    (one,) = read_grype(grype(grype_match("x", "x", artifact=artifact, vulnerability=found))).findings
    assert (one.exploited, one.epss, one.fix, one.severity) == (True, None, "NO", Severity.INFORMATIONAL)
    assert one.package == "org.apache.logging.log4j:log4j-core"


def test_nothing_found_is_an_answer() -> None:
    assert read_grype(grype()).findings == ()


@pytest.mark.parametrize("change", [{"matches": None}, {"matches": {}}, {"source": []}, {"matches": [[]]}])
def test_what_grype_does_not_write_is_odd(change: dict[str, Any]) -> None:
    with pytest.raises(OddValueError):
        read_grype({**grype(), **change})


def test_a_directory_is_not_an_image() -> None:
    with pytest.raises(ScanError, match="Grype's report is about a directory"):
        read_grype({**grype(), "source": {"type": "directory", "target": "."}})
