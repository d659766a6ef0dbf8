"""The operation of Service Quotas that tells how much of ECR an account may have."""

from __future__ import annotations

from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.operations.context import Context, Parameters, Result

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html, of November 2026, by name.
# The second is whether it can be raised.
_QUOTAS = {
    "Filters per rule in a replication configuration": (100, False),
    "Images per repository": (100_000, True),
    "Lifecycle policy length": (30_720, False),
    "Maximum layer size": (52_000, False),
    "Pull through cache rules per registry": (50, False),
    "Registered repositories": (100_000, True),
    "Rules per lifecycle policy": (50, False),
    "Rules per replication configuration": (10, False),
    "Tags per image": (1_000, False),
    "Unique destinations across all rules in a replication configuration": (25, False),
}


def list_service_quotas(context: Context, parameters: Parameters) -> Result:
    if parameters["ServiceCode"] != "ecr":
        raise EcrError(
            "NoSuchResourceException", "The request failed because the specified service does not exist."
        )
    return {
        "Quotas": [
            {
                "ServiceCode": "ecr",
                "ServiceName": "Amazon Elastic Container Registry (Amazon ECR)",
                "QuotaName": name,
                "Value": float(value),
                "Unit": "None",
                "Adjustable": adjustable,
                "GlobalQuota": False,
            }
            for name, (value, adjustable) in _QUOTAS.items()
        ]
    }
