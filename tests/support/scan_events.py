"""Events as EventBridge sends them when a scan has ended."""

from __future__ import annotations

from typing import Any

from tests.support.fakes import digest

ACCOUNT = "123456789012"
OURS, OTHERS = digest("ours"), digest("others")


def basic_event(of: str = OURS.value, repository: str = "team/app", account: str = ACCOUNT) -> dict[str, Any]:
    """What ECR sends under basic scanning."""
    return {
        "version": "0",
        "id": "11111111-2222-3333-4444-555555555555",
        "detail-type": "ECR Image Scan",
        "source": "aws.ecr",
        "account": account,
        "time": "2026-11-02T12:00:00Z",
        "region": "eu-west-1",
        "resources": [f"arn:aws:ecr:eu-west-1:{account}:repository/{repository}"],
        "detail": {
            "scan-status": "COMPLETE",
            "repository-name": repository,
            "finding-severity-counts": {"HIGH": 1},
            "image-digest": of,
            "image-tags": [],
        },
    }


def inspector_event(of: str = OURS.value) -> dict[str, Any]:
    """What Inspector sends: its repository-name is an ARN, and the counts have a total."""
    basic = basic_event(of)
    detail = {
        **basic["detail"],
        "scan-status": "INITIAL_SCAN_COMPLETE",
        "repository-name": f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/team/app",
        "finding-severity-counts": {"HIGH": 1, "TOTAL": 1},
    }
    return {**basic, "source": "aws.inspector2", "detail-type": "Inspector2 Scan", "detail": detail}
