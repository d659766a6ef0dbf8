"""What Amazon Inspector knows of an image and ECR does not tell: its own word on the scan, and EPSS.

Inspector speaks of the caller's own account, and of others only to a delegated administrator.
"""

from __future__ import annotations

from datetime import datetime

from ecr_push.base.reference import Digest
from ecr_push.base.values import read_number, read_time
from ecr_push.registry.aws import client as aws
from ecr_push.registry.aws.client import Aws
from ecr_push.registry.scan_api import Coverage, EpssPage

# The most of ListFindings.
_PAGE = 100


def coverage(access: Aws, image_arn: str, pushed_at: datetime | None) -> Coverage | None:
    """ListCoverage of one image; None where Inspector does not know it."""
    answer = aws.call(
        access.client("inspector2"),
        "list_coverage",
        filterCriteria={
            "resourceId": [{"comparison": "EQUALS", "value": image_arn}],
            "scanType": [{"comparison": "EQUALS", "value": "PACKAGE"}],
        },
    )
    for one in answer.get("coveredResources") or ():
        status = one.get("scanStatus") or {}
        return Coverage(
            str(status.get("statusCode", "")),
            str(status.get("reason", "")),
            read_time(one.get("lastScannedAt")),
            pushed_at,
        )
    return None


def epss_page(access: Aws, digest: Digest, token: str) -> EpssPage:
    """A page of ListFindings about one image. One attempt: whoever waits asks again."""
    answer = aws.call(
        access.client("inspector2", attempts=1),
        "list_findings",
        filterCriteria={
            "ecrImageHash": [{"comparison": "EQUALS", "value": digest.value}],
            "findingStatus": [{"comparison": "EQUALS", "value": "ACTIVE"}],
        },
        maxResults=_PAGE,
        **({"nextToken": token} if token else {}),
    )
    scores = {}
    for one in answer.get("findings") or ():
        details = one.get("packageVulnerabilityDetails") or {}
        name = str(details.get("vulnerabilityId") or one.get("title") or one.get("findingArn") or "")
        scores[name] = read_number((one.get("epss") or {}).get("score"))
    return EpssPage(scores, str(answer.get("nextToken") or ""))
