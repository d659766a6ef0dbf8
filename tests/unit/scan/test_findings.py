from __future__ import annotations

from ecr_push.base.severity import Severity
from ecr_push.scan.findings import Finding, PlatformScan
from tests.support.fakes import digest


def test_where_ecr_counts_more_than_it_lists_its_number_holds() -> None:
    scan = PlatformScan(
        digest("x"), "", "ACTIVE",
        (Finding("CVE-1", Severity.LOW), Finding("CVE-2", Severity.LOW)),
        {Severity.LOW: 1, Severity.CRITICAL: 3},
    )  # fmt: skip
    assert scan.counts == {Severity.CRITICAL: 3, Severity.LOW: 2}
