"""50,000 findings on one image, through the wait: the time and the memory of a process of its own.

Every description is another one of 600 characters, which is worse than any image is: a CVE that is in
twenty packages has one description for all of them.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import boto3  # what a run has loaded as well
from fleet import Silence, SimulatedClock

from ecr_push.base.reference import Digest
from ecr_push.registry.image import PlatformImage
from ecr_push.registry.interface import Scanning
from ecr_push.scan.plan import ScanPlan
from ecr_push.scan.wait import await_scan

FINDINGS, PAGE = 50_000, 1_000
LIMIT_MB, LIMIT_SECONDS = 300.0, 5.0
AT = datetime(2026, 11, 2, tzinfo=timezone.utc)


def finding(number: int) -> dict[str, Any]:
    """After the recorded shape, with all that comes along and is not kept."""
    cve = f"CVE-2026-{number:05}"
    return {
        "awsAccountId": "123456789012",
        "description": f"{cve} " + "x" * 600,
        "findingArn": f"arn:aws:inspector2:eu-west-1:123456789012:finding/{number:032x}",
        "firstObservedAt": AT,
        "packageVulnerabilityDetails": {
            "cvss": [{"baseScore": 7.5, "scoringVector": "CVSS:3.1/AV:N/AC:L", "source": "NVD"}],
            "referenceUrls": [f"https://example.invalid/{number}/{one}" for one in range(5)],
            "relatedVulnerabilities": [],
            "source": "NVD",
            "sourceUrl": f"https://nvd.nist.gov/vuln/detail/{cve}",
            "vulnerabilityId": cve,
            "vulnerablePackages": [
                {
                    "arch": "AMD64", "epoch": 0, "name": f"package-{number % 400}", "version": "1.2.3",
                    "release": "4", "packageManager": "OS", "fixedInVersion": f"0:1.2.{number % 9}-5",
                    "sourceLayerHash": f"sha256:{number % 12:064x}",
                }
            ],
        },
        "remediation": {"recommendation": {"text": "None Provided"}},
        "resources": [{"type": "AWS_ECR_CONTAINER_IMAGE", "id": "x", "tags": {}}],
        "score": 7.5,
        "severity": ("LOW", "MEDIUM", "HIGH", "CRITICAL")[number % 4],
        "status": "ACTIVE",
        "title": f"{cve} - package-{number % 400}",
        "type": "PACKAGE_VULNERABILITY",
        "fixAvailable": "YES",
        "exploitAvailable": "NO",
    }  # fmt: skip


class Client:
    @property
    def scans(self) -> Client:
        return self

    def page(self, digest: Digest, token: str = "") -> Mapping[str, Any]:
        begin = int(token or 0)
        page = {
            "imageScanStatus": {"status": "ACTIVE"},
            "imageScanFindings": {
                "imageScanCompletedAt": AT,
                "enhancedFindings": [finding(number) for number in range(begin, begin + PAGE)],
            },
        }
        return page | ({"nextToken": str(begin + PAGE)} if begin + PAGE < FINDINGS else {})


def main() -> int:
    boto3.Session().client("ecr", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    began = time.perf_counter()
    report = await_scan(
        [PlatformImage(Digest(f"sha256:{0:064x}"))],
        Client(),  # type: ignore[arg-type] # all that is asked of it here
        Scanning("enhanced", "CONTINUOUS_SCAN"),
        ScanPlan(900),
        SimulatedClock(),
        Silence(),
    )
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(report.platforms[0].findings)} findings in {seconds:.1f} s, {peak:.0f} MB at most")
    return 0 if peak < LIMIT_MB and seconds < LIMIT_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
