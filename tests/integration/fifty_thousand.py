"""A program: fifty thousand findings read, judged and reported; prints what that took, as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import boto3  # a real run has it in memory

from ecr_push.base.severity import Severity
from ecr_push.cli.reports import RENDERERS
from ecr_push.policy.judge import judge
from ecr_push.policy.model import Policy
from ecr_push.scan.findings import PlatformScan, ScanReport
from ecr_push.scan.findings_read import FindingsReader
from ecr_push.settings.report_files import FORMATS
from tests.support.fakes import digest
from tests.support.outcomes import OUTCOMES

FINDINGS, PAGE = 50_000, 1_000
WORDS = "Somebody who can send a request may read what is not theirs, in a version before the fix. " * 3


def finding(number: int) -> dict[str, Any]:
    package = {
        "name": f"package-{number % 900}", "version": "1.2.3", "release": "1", "epoch": 0,
        "packageManager": "OS", "filePath": f"usr/lib/{number % 700}", "fixedInVersion": "1.2.4",
        "sourceLayerHash": f"sha256:{number % 12:064x}",
    }  # fmt: skip
    name = f"CVE-2026-{number % 9_000:05}"
    return {
        "findingArn": f"arn:aws:inspector2:eu-west-1:123456789012:finding/{number}", "status": "ACTIVE",
        "severity": ("LOW", "MEDIUM", "HIGH", "CRITICAL")[number % 4], "score": number % 100 / 10,
        "title": f"{name} - {package['name']}", "description": f"{WORDS}{number % 9_000}",
        "fixAvailable": "YES", "exploitAvailable": "NO", "firstObservedAt": "2026-01-02T00:00:00Z",
        "packageVulnerabilityDetails": {
            "vulnerabilityId": name, "sourceUrl": f"https://example.invalid/{name}",
            "vulnerablePackages": [package],
        },
    }  # fmt: skip


def pages() -> Iterator[dict[str, Any]]:
    for begin in range(0, FINDINGS, PAGE):
        listed = [finding(number) for number in range(begin, begin + PAGE)]
        yield {"imageScanFindings": {"enhancedFindings": listed}}


def main() -> None:
    took: dict[str, float] = {"read": 0.0}
    reader = FindingsReader()
    for page in pages():
        began = time.process_time()
        reader.add(page)
        took["read"] += time.process_time() - began
    began = time.process_time()
    found = reader.findings()
    took["read"] += time.process_time() - began
    platform = PlatformScan(digest("image"), "", "ACTIVE", found, completed_at="2026-01-02T00:00:00+00:00")
    scan = ScanReport("enhanced", (platform,))
    began = time.process_time()
    verdict = judge(scan, Policy(fail_on=Severity.HIGH), today=date(2026, 1, 2))
    took["judge"] = time.process_time() - began
    outcome = replace(OUTCOMES["refused"], scan=scan, verdict=verdict)
    for name, form in FORMATS.items():
        began = time.process_time()
        length = len(RENDERERS[name](outcome))
        took[name] = time.process_time() - began
        assert length > 500 or form.handover, name  # a refused image is handed over to nobody
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told = {"findings": len(verdict.judged), "seconds": took, "megabytes": peak, "boto3": boto3.__version__}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
