"""50,000 findings on one image, a part of a run a process: `python benchmarks/findings.py json|wait|report`.

json     each of AWS's answers as text, and read again: the minimum
wait     the answers through the wait for a scan
report   the findings under a policy with 500 exceptions, and in every format

Prints how many there were, the part's seconds of the processor and the process's peak memory, as JSON. For
`json` and `wait`, every description is another one of 600 characters, which is worse than any image is: a CVE
that is in twenty packages has one description for all of them. `report` has 9,000 CVEs.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from typing import Any

import boto3  # what a run has loaded as well
from fleet import Silence, SimulatedClock

from ecr_push.base.reference import Digest
from ecr_push.base.severity import Severity
from ecr_push.cli.reports import RENDERERS
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.finding_pattern import FindingPattern
from ecr_push.policy.judge import judge
from ecr_push.policy.model import Policy, PolicyException
from ecr_push.policy.package_version import VersionRange
from ecr_push.registry.image import PlatformImage
from ecr_push.registry.interface import Scanning
from ecr_push.scan.findings import ScanReport
from ecr_push.scan.plan import ScanPlan
from ecr_push.scan.wait import await_scan
from ecr_push.settings.report_files import FORMATS

FINDINGS, ADVISORIES, PAGE = 50_000, 9_000, 1_000
AT = datetime(2026, 11, 2, tzinfo=timezone.utc)


def finding(number: int, advisories: int) -> dict[str, Any]:
    """After the recorded shape, with all that comes along and is not kept."""
    cve = f"CVE-2026-{number % advisories:05}"
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
    def __init__(self, advisories: int) -> None:
        self._advisories = advisories

    @property
    def scans(self) -> Client:
        return self

    def page(self, digest: Digest, token: str = "") -> Mapping[str, Any]:
        begin = int(token or 0)
        numbers = range(begin, begin + PAGE)
        page = {
            "imageScanStatus": {"status": "ACTIVE"},
            "imageScanFindings": {
                "imageScanCompletedAt": AT,
                "enhancedFindings": [finding(number, self._advisories) for number in numbers],
            },
        }
        return page | ({"nextToken": str(begin + PAGE)} if begin + PAGE < FINDINGS else {})


def parse() -> int:
    pages = Client(FINDINGS)
    token, found = "", 0
    while True:
        page = json.loads(json.dumps(pages.page(Digest(f"sha256:{0:064x}"), token), default=str))
        found += len(page["imageScanFindings"]["enhancedFindings"])
        if not (token := page.get("nextToken", "")):
            return found


def wait(advisories: int = FINDINGS) -> ScanReport:
    return await_scan(
        [PlatformImage(Digest(f"sha256:{0:064x}"))],
        Client(advisories),  # type: ignore[arg-type] # all that is asked of it here
        Scanning("enhanced", "CONTINUOUS_SCAN"),
        ScanPlan(900),
        SimulatedClock(),
        Silence(),
    )


def policy() -> Policy:
    """Exceptions by id and by package, a few of which match."""
    patterns = [
        *(FindingPattern(f"CVE-2026-{one * 90:05}", versions=VersionRange.parse("<4")) for one in range(400)),
        *(FindingPattern(package=f"package-{one}", path="opt/**") for one in range(100)),
    ]
    return Policy(
        Severity.HIGH, {Severity.LOW: 9}, total_limits={Severity.LOW: 9}, max_cvss=9, exploited="refuse",
        unscored="ignore", exceptions=tuple(map(PolicyException, patterns)),
    )  # fmt: skip


def report(scan: ScanReport) -> tuple[int, dict[str, int]]:
    """How many findings were judged, and the length of each report."""
    verdict = judge(scan, policy(), today=date(2026, 11, 2))
    outcome = Outcome(scan=scan, verdict=verdict)
    return len(verdict.judged), {name: len(RENDERERS[name](outcome)) for name in FORMATS}


def measured(part: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the processor, which a busy neighbour leaves almost alone."""
    began = time.process_time()
    result = part()
    return time.process_time() - began, result


def main() -> int:
    boto3.Session().client("ecr", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    gc.set_threshold(1_000_000, 50, 50)  # as the command does
    lengths: Mapping[str, int] = {}
    match sys.argv[1:]:
        case ["json"]:
            seconds, found = measured(parse)
        case ["wait"]:
            seconds, scan = measured(wait)
            found = len(scan.platforms[0].findings)
        case ["report"]:
            scan = wait(ADVISORIES)
            seconds, (found, lengths) = measured(lambda: report(scan))
        case _:
            sys.exit(__doc__)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"findings": found, "seconds": seconds, "megabytes": peak, "reports": lengths}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
