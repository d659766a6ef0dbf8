from __future__ import annotations

from typing import Any

import pytest

from ecr_push.findings import Finding, PlatformScan
from ecr_push.findings_read import read_counts, read_findings
from ecr_push.severity import Severity
from tests.unit.fakes import digest


def answer(**body: Any) -> dict[str, Any]:
    return {"imageScanFindings": body}


def test_a_basic_finding() -> None:
    (found,) = read_findings(
        answer(
            findings=[
                {
                    "name": "CVE-2020-14343",
                    "description": "Code runs when a document is loaded",
                    "uri": "https://example.invalid/CVE-2020-14343",
                    "severity": "CRITICAL",
                    "attributes": [
                        {"key": "package_name", "value": "pyyaml"},
                        {"key": "package_version", "value": "5.3.1"},
                        {"key": "CVSS3_SCORE", "value": "9.8"},
                    ],
                }
            ]
        )
    )
    assert found == Finding(
        "CVE-2020-14343", Severity.CRITICAL, "pyyaml", "5.3.1", "", "Code runs when a document is loaded",
        "https://example.invalid/CVE-2020-14343", 9.8,
    )  # fmt: skip


def test_a_basic_finding_may_lack_nearly_everything() -> None:
    (found,) = read_findings(answer(findings=[{"name": "CVE-1", "severity": "LOW"}]))
    assert found == Finding("CVE-1", Severity.LOW)


ENHANCED = {
    "severity": "HIGH",
    "status": "ACTIVE",
    "score": 7.5,
    "title": "CVE-2 - openssl",
    "packageVulnerabilityDetails": {
        "vulnerabilityId": "CVE-2",
        "sourceUrl": "https://example.invalid/CVE-2",
        "vulnerablePackages": [
            {"name": "openssl", "version": "3.0.1", "fixedInVersion": "3.0.2"},
            {"name": "libssl3", "version": "3.0.1", "fixedInVersion": "3.0.2"},
        ],
    },
}


def test_an_enhanced_finding_counts_once_however_many_packages_it_names() -> None:
    (found,) = read_findings(answer(enhancedFindings=[ENHANCED]))
    assert (found.id, found.severity, found.package) == ("CVE-2", Severity.HIGH, "openssl, libssl3")
    assert (found.version, found.fixed_in, found.score) == ("3.0.1", "3.0.2", 7.5)


@pytest.mark.parametrize(("status", "count"), [("ACTIVE", 1), ("CLOSED", 0), ("SUPPRESSED", 0)])
def test_only_what_inspector_holds_to_be_active_counts(status: str, count: int) -> None:
    assert len(read_findings(answer(enhancedFindings=[{**ENHANCED, "status": status}]))) == count


def test_a_fix_that_is_not_available_is_none() -> None:
    one = {
        **ENHANCED,
        "packageVulnerabilityDetails": {"vulnerablePackages": [{"fixedInVersion": "NotAvailable"}]},
    }
    assert read_findings(answer(enhancedFindings=[one]))[0].fixed_in == ""


def test_untriaged_without_a_score() -> None:
    (found,) = read_findings(answer(enhancedFindings=[{**ENHANCED, "severity": "UNTRIAGED", "score": 0.0}]))
    assert (found.severity, found.score) == (Severity.UNTRIAGED, None)


@pytest.mark.parametrize("empty", [{}, {"imageScanFindings": None}, {"imageScanFindings": {}}])
def test_answers_without_findings(empty: dict[str, Any]) -> None:
    assert read_findings(empty) == ()
    assert read_counts(empty) == {}


def test_severities_that_nobody_knows_yet_are_counted_together() -> None:
    counts = read_counts(answer(findingSeverityCounts={"HIGH": 2, "SEVERE": 1, "DIRE": 3}))
    assert counts == {Severity.HIGH: 2, Severity.UNRECOGNISED: 4}


def test_where_ecr_counts_more_than_it_lists_its_number_holds() -> None:
    scan = PlatformScan(
        digest("x"), "", "ACTIVE",
        (Finding("CVE-1", Severity.LOW), Finding("CVE-2", Severity.LOW)),
        {Severity.LOW: 1, Severity.CRITICAL: 3},
    )  # fmt: skip
    assert scan.counts == {Severity.CRITICAL: 3, Severity.LOW: 2}
