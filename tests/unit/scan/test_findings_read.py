"""Answers after the shapes that were recorded of ECR and Inspector, and after what they leave out."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.severity import Severity
from ecr_push.base.values import read_time
from ecr_push.scan.findings import Finding, Package
from ecr_push.scan.findings_read import FindingsReader, read_counts, read_findings


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
        "https://example.invalid/CVE-2020-14343", 9.8, "Code runs when a document is loaded",
        (Package("pyyaml", "5.3.1"),),
    )  # fmt: skip
    assert (found.fixable, found.exploited, found.epss) == (None, None, None)


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


def test_unknown_severities_are_counted_together() -> None:
    counts = read_counts(answer(findingSeverityCounts={"HIGH": 2, "SEVERE": 1, "DIRE": 3}))
    assert counts == {Severity.HIGH: 2, Severity.UNRECOGNISED: 4}


LAYER = f"sha256:{'a' * 64}"


def vulnerable(*packages: dict[str, Any], **more: Any) -> Finding:
    details = {"vulnerabilityId": "CVE-3", "vulnerablePackages": list(packages)}
    one = {"severity": "HIGH", "status": "ACTIVE", "packageVulnerabilityDetails": details, **more}
    (found,) = read_findings(answer(enhancedFindings=[one]))
    return found


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        (
            {"name": "openssl", "epoch": 0, "version": "3.0.11", "release": "1~deb12u1", "arch": "AMD64",
             "packageManager": "OS", "sourceLayerHash": LAYER, "fixedInVersion": "0:3.0.11-1~deb12u2"},
            Package("openssl", "3.0.11-1~deb12u1", "3.0.11-1~deb12u2", "OS", "", LAYER),
        ),
        (
            {"name": "ssh", "epoch": 1, "version": "9.2p1", "release": "2", "fixedInVersion": "1:9.2p1-3"},
            Package("ssh", "1:9.2p1-2", "1:9.2p1-3"),
        ),
        (
            {"name": "pyyaml", "version": "5.3.1", "packageManager": "PYTHONPKG",
             "filePath": "site-packages/PyYAML-5.3.1.dist-info/METADATA", "fixedInVersion": "5.4"},
            Package("pyyaml", "5.3.1", "5.4", "PYTHONPKG", "site-packages/PyYAML-5.3.1.dist-info/METADATA"),
        ),
        ({"name": "curl", "version": "7.88.1", "fixedInVersion": "NotAvailable"}, Package("curl", "7.88.1")),
        ({"name": "curl", "version": None, "epoch": None, "fixedInVersion": None}, Package("curl")),
        ({}, Package("")),
    ],
)  # fmt: skip
def test_a_package_as_its_manager_writes_it(package: dict[str, Any], expected: Package) -> None:
    assert vulnerable(package).packages == (expected,)


def test_the_line_of_a_table_sums_up_several_packages() -> None:
    found = vulnerable(
        {"name": "libssl3", "version": "3.0", "fixedInVersion": "NotAvailable"},
        {"name": "openssl", "version": "3.0", "fixedInVersion": "3.1"},
        {"name": "openssl", "version": "3.0", "filePath": "usr/lib/other"},
    )
    assert (found.package, found.version, found.fixed_in) == ("libssl3, openssl", "3.0", "3.1")
    assert len(found.packages) == 3


@pytest.mark.parametrize(
    ("more", "score"),
    [
        ({"score": 7.5}, 7.5),
        ({"score": 0.0}, None),
        ({}, None),
        ({"scoreDetails": {"cvss": {"score": 8.1}}}, 8.1),
        ({"score": 0.0, "scoreDetails": {"cvss": {"score": 8.1}}}, 8.1),
        ({"scoreDetails": None}, None),
        ({"scoreDetails": {"cvss": None}}, None),
        ({"inspectorScore": 6.5}, 6.5),
        ({"inspectorScoreDetails": {"adjustedCvss": {"score": 6.4}}}, 6.4),
    ],
)
def test_where_a_score_stands(more: dict[str, Any], score: float | None) -> None:
    assert vulnerable(**more).score == score


@pytest.mark.parametrize(
    ("more", "exploited", "fix", "fixable"),
    [
        ({"exploitAvailable": "YES", "fixAvailable": "YES"}, True, "YES", True),
        ({"exploitAvailable": "NO", "fixAvailable": "NO"}, False, "NO", False),
        ({"fixAvailable": "PARTIAL"}, None, "PARTIAL", True),
        ({"exploitAvailable": "PERHAPS", "fixAvailable": "SOON"}, None, "", None),
        ({"exploitAvailable": None, "fixAvailable": None}, None, "", None),
    ],
)
def test_exploits_and_fixes(
    more: dict[str, Any], exploited: bool | None, fix: str, fixable: bool | None
) -> None:
    found = vulnerable(**more)
    assert (found.exploited, found.fix, found.fixable) == (exploited, fix, fixable)


def test_other_names_and_what_is_not_said() -> None:
    details = {"vulnerabilityId": "ALAS-1", "relatedVulnerabilities": ["CVE-1", "ALAS-1", None, "CVE-2"]}
    found = vulnerable(description="None Provided", packageVulnerabilityDetails=details)
    assert (found.id, found.aliases, found.description) == ("ALAS-1", ("CVE-1", "CVE-2"), "")


@pytest.mark.parametrize("status", ["ACTIVE", "REOPENED", None])
def test_a_finding_that_may_be_open_counts(status: str | None) -> None:
    assert vulnerable(status=status).id == "CVE-3"


def test_a_finding_that_is_of_no_package_is_still_one() -> None:
    (found,) = read_findings(
        answer(enhancedFindings=[{"severity": "HIGH", "title": "A secret in the code", "type": "CODE"}])
    )
    assert (found.id, found.packages) == ("A secret in the code", ())


def test_a_finding_that_moves_to_a_later_page_counts_once() -> None:
    reader = FindingsReader()
    reader.add(answer(enhancedFindings=[{**ENHANCED, "findingArn": "arn:1"}]))
    reader.add(
        answer(enhancedFindings=[{**ENHANCED, "findingArn": "arn:1"}, {**ENHANCED, "findingArn": "arn:2"}])
    )
    reader.add(answer(enhancedFindings=[ENHANCED, ENHANCED]))  # without a name nothing tells them apart
    assert len(reader.findings()) == 4


def test_texts_that_repeat_are_kept_once() -> None:
    one, other = read_findings(
        answer(enhancedFindings=[{**ENHANCED, "description": f"{'long ' * 9}"} for _ in range(2)])
    )
    assert one.description is other.description


NOON = datetime(2026, 11, 2, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (NOON, NOON),
        (NOON.replace(tzinfo=None), NOON),
        (NOON.timestamp(), NOON),
        ("2026-11-02T12:00:00Z", NOON),
        ("2026-11-02T12:00:00.000000+00:00", NOON),
        ("2026-11-02T13:00:00+01:00", NOON),
        ("2026-11-02", NOON.replace(hour=0)),
        ("yesterday", None),
        ("", None),
        (None, None),
        (float("nan"), None),
        (1e300, None),
        ([], None),
    ],
)
def test_times(value: Any, expected: datetime | None) -> None:
    assert read_time(value) == expected


scalars = st.none() | st.text(max_size=9) | st.integers() | st.floats()
names = st.sampled_from(
    ["severity", "status", "title", "description", "score", "fixAvailable", "exploitAvailable", "findingArn"]
)
inner = st.fixed_dictionaries(
    {},
    optional={
        "vulnerabilityId": scalars,
        "relatedVulnerabilities": st.none() | st.lists(scalars, max_size=2),
        "vulnerablePackages": st.none()
        | st.lists(
            st.dictionaries(
                st.sampled_from(["name", "version", "epoch", "release", "fixedInVersion", "filePath", "new"]),
                scalars,
            ),
            max_size=3,
        ),
    },
)
enhanced_findings = st.builds(
    lambda scalar, details: {**scalar, "packageVulnerabilityDetails": details},
    st.dictionaries(names, scalars, max_size=6),
    st.none() | inner,
)


@given(st.lists(enhanced_findings, max_size=5))
def test_whatever_stands_in_a_finding_it_is_read_and_counted(ones: list[dict[str, Any]]) -> None:
    arns = [
        str(one["findingArn"])
        for one in ones
        if one.get("findingArn") is not None and one["findingArn"] != ""
    ]
    expected = [one for one in ones if one.get("status") not in ("CLOSED", "SUPPRESSED")]
    found = read_findings(answer(enhancedFindings=ones))
    assert len(found) == len(expected) - (len(arns) - len(set(arns)))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (datetime(2026, 1, 2, tzinfo=timezone.utc), "2026-01-02T00:00:00+00:00"),
        ("2026-01-02T00:00:00Z", "2026-01-02T00:00:00+00:00"),
        (1767312000, "2026-01-02T00:00:00+00:00"),
        ("yesterday", ""),
        (None, ""),
    ],
)
def test_when_inspector_first_saw_it(said: object, expected: str) -> None:
    (found,) = read_findings(answer(enhancedFindings=[{**ENHANCED, "firstObservedAt": said}]))
    assert found.first_seen == expected


@pytest.mark.parametrize("score", ["NaN", "inf", float("nan"), "high", None, 0])
def test_a_score_that_is_not_a_number_is_none(score: object) -> None:
    (found,) = read_findings(answer(enhancedFindings=[{**ENHANCED, "score": score}]))
    assert found.score is None
