"""The quotas of ECR that a registry may come near to: what AWS says of the account, or what it documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.shape import OddValueError, each, member, quoted, text
from ecr_push.registry.aws.call import call
from ecr_push.registry.aws.errors import AwsRefusedError, AwsUnreachableError
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.aws.session import Aws

REPOSITORIES = "Registered repositories"
IMAGES = "Images per repository"
TAGS = "Tags per image"
LAYER_MIB = "Maximum layer size"
LIFECYCLE_RULES = "Rules per lifecycle policy"
LIFECYCLE_LENGTH = "Lifecycle policy length"
REPLICATION_RULES = "Rules per replication configuration"
REPLICATION_FILTERS = "Filters per rule in a replication configuration"
REPLICATION_DESTINATIONS = "Unique destinations across all rules in a replication configuration"
CACHES = "Pull through cache rules per registry"

# By the name that Service Quotas and the page give them:
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
DOCUMENTED: Mapping[str, int] = {
    REPOSITORIES: 100_000,
    IMAGES: 100_000,
    TAGS: 1_000,
    LAYER_MIB: 52_000,
    LIFECYCLE_RULES: 50,
    LIFECYCLE_LENGTH: 30_720,
    REPLICATION_RULES: 10,
    REPLICATION_FILTERS: 100,
    REPLICATION_DESTINATIONS: 25,
    CACHES: 50,
}
DOCUMENTED_IN = "November 2026"
ADJUSTABLE = (REPOSITORIES, IMAGES)
_PAGE = 100  # the longest of ListServiceQuotas; ECR has about thirty


def applied_quotas(access: Aws) -> Mapping[str, int] | None:
    """The account's quotas in the region, by name; None where AWS does not say them to this caller.

    https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
    """
    client = access.client("service-quotas", attempts=1)
    try:
        answer = call(client, "list_service_quotas", ServiceCode="ecr", MaxResults=_PAGE)
    except (AwsRefusedError, AwsUnreachableError):  # a network without an endpoint for it, too
        return None
    with answer_to("servicequotas:ListServiceQuotas"):
        return dict(each(_quota, answer, "Quotas", required=True))


def _quota(one: Mapping[str, Any]) -> tuple[str, int]:
    value = member(one, "Value")
    if not isinstance(value, (int, float)) or value < 0:
        raise OddValueError("Value", f"is {quoted(value)}, expected a number")
    return text(one, "QuotaName"), int(value)
