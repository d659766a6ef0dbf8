"""What another scanner's findings add to a scan, and that nothing is counted twice or lost."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.reference import Digest
from ecr_push.base.severity import Severity
from ecr_push.scan.findings import Finding, OtherScan, Package, PlatformScan, ScanReport
from ecr_push.scan.others.added import with_other
from ecr_push.scan.others.model import OtherReport
from tests.support.other_scanners import IMAGE, INDEX

AMD, ARM = Digest(IMAGE), Digest(INDEX)


def finding(id_: str, severity: Severity, package: str = "openssl", **more: object) -> Finding:
    return replace(Finding(id_, severity, package, packages=(Package(package),)), **more)  # type: ignore[arg-type]


def other(*found: Finding, digests: frozenset[str] = frozenset(), platform: str = "") -> OtherReport:
    return OtherReport("Trivy", digests, platform, found)


def one(*found: Finding, **more: object) -> ScanReport:
    scan = replace(PlatformScan(AMD, "linux/amd64", "COMPLETE", found), **more)  # type: ignore[arg-type]
    return ScanReport("basic", (scan,))


def test_the_same_vulnerability_in_the_same_package_counts_once_as_the_worse_one() -> None:
    ours = finding("CVE-1", Severity.HIGH, fix="NO")
    theirs = finding(
        "GHSA-1", Severity.CRITICAL, "OpenSSL", aliases=("cve-1",), fixed_in="3", fix="YES", epss=0.5
    )
    found = with_other(one(ours), "t.json", other(theirs))
    (scan,) = found.platforms
    (both,) = scan.findings
    assert (both.id, both.severity, both.aliases) == ("CVE-1", Severity.CRITICAL, ("GHSA-1", "cve-1"))
    assert (both.fixed_in, both.fixable, both.epss) == ("3", True, 0.5)
    assert {name: number for name, number in scan.counts.items() if number} == {Severity.CRITICAL: 1}
    assert found.others == (OtherScan("t.json", "Trivy", 1, 0),)


def test_a_milder_word_changes_nothing() -> None:
    ours = finding("CVE-1", Severity.HIGH, exploited=True)
    found = with_other(one(ours), "t.json", other(finding("CVE-1", Severity.LOW, exploited=False)))
    assert found.platforms == one(ours).platforms


def test_another_package_or_vulnerability_counts_by_itself() -> None:
    ours = finding("CVE-1", Severity.HIGH)
    more = (finding("CVE-1", Severity.LOW, "libssl3"), finding("CVE-2", Severity.MEDIUM))
    found = with_other(one(ours), "t.json", other(*more))
    assert len(found.platforms[0].findings) == 3
    assert found.others[0].added == 2


def test_a_finding_in_several_packages_is_found_by_each() -> None:
    ours = replace(
        finding("CVE-1", Severity.HIGH, "libssl3, openssl"), packages=(Package("libssl3"), Package("openssl"))
    )
    found = with_other(one(ours), "t.json", other(finding("CVE-1", Severity.HIGH)))
    assert len(found.platforms[0].findings) == 1


def test_what_ecr_counts_without_listing_it_stays_counted() -> None:
    ours = finding("CVE-1", Severity.HIGH)
    report = one(ours, counts={Severity.HIGH: 4})
    (scan,) = with_other(report, "t.json", other(finding("CVE-1", Severity.CRITICAL))).platforms
    assert (scan.counts[Severity.HIGH], scan.counts[Severity.CRITICAL]) == (3, 1)


def test_it_is_of_the_platform_that_it_names_or_else_of_each() -> None:
    amd, arm = PlatformScan(AMD, "linux/amd64", "COMPLETE"), PlatformScan(ARM, "linux/arm64", "COMPLETE")
    report = ScanReport("basic", (amd, arm))
    found = finding("CVE-1", Severity.HIGH)
    for named, expected in (
        (other(found), [1, 1]),
        (other(found, digests=frozenset({ARM.value})), [0, 1]),
        (other(found, platform="linux/amd64"), [1, 0]),
        (other(found, platform="linux/s390x"), [1, 1]),
    ):
        merged = with_other(report, "t.json", named)
        assert [len(scan.findings) for scan in merged.platforms] == expected
        assert merged.others[0].added == 1


def test_what_ecr_cannot_scan_is_judged_by_what_another_scanner_found() -> None:
    report = one(status="UNSUPPORTED_IMAGE", unscannable="UnsupportedImageError")
    (scan,) = with_other(report, "t.json", other(finding("CVE-1", Severity.HIGH))).platforms
    assert (scan.unscannable, scan.note, len(scan.findings)) == ("", "ECR: UnsupportedImageError", 1)


FINDINGS = st.lists(
    st.builds(finding, st.sampled_from(["CVE-1", "CVE-2", "CVE-3"]), st.sampled_from(Severity),
              st.sampled_from(["a", "b"])),
    max_size=6,
)  # fmt: skip


@given(FINDINGS, FINDINGS, st.integers(0, 3))
def test_nothing_gets_lost_or_better(ours: list[Finding], theirs: list[Finding], unlisted: int) -> None:
    counts = {Severity.HIGH: unlisted + sum(found.severity == Severity.HIGH for found in ours)}
    before = one(*ours, counts=counts)
    (scan,) = with_other(before, "t.json", other(*theirs)).platforms
    for found in (*ours, *theirs):
        assert any(
            (kept.id, kept.package) == (found.id, found.package) and kept.severity >= found.severity
            for kept in scan.findings
        )
    assert sum(scan.counts.values()) == len(scan.findings) + unlisted
    keys = {(found.id, found.package) for found in (*ours, *theirs)}
    assert len(scan.findings) == len(ours) + len(keys - {(found.id, found.package) for found in ours})
