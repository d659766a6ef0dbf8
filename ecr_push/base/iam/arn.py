"""ARNs of which a part may be unknown until a policy is used, and what stands for it then. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from ecr_push.base.place import Place

# What stands for an unknown part, until a format is chosen. No part of an ARN has braces.
PARTITION, REGION, ACCOUNT = "{partition}", "{region}", "{account}"


def arn_of(place: Place, service: str, resource: str) -> str:
    """Of a resource in the region and the account."""
    region, account = place.region or REGION, place.account or ACCOUNT
    return f"arn:{partition_in(place)}:{service}:{region}:{account}:{resource}"


def global_arn_of(place: Place, service: str, resource: str) -> str:
    """Of a resource of the account in no region, such as a role's."""
    return f"arn:{partition_in(place)}:{service}::{place.account or ACCOUNT}:{resource}"


def partition_in(place: Place) -> str:
    return place.partition if place.region else PARTITION


def filled(arn: str, place: Place) -> str:
    """An ARN with what is unknown in it taken from place."""
    known = {PARTITION: partition_in(place), REGION: place.region, ACCOUNT: place.account}
    for mark, value in known.items():
        arn = arn.replace(mark, value or mark)
    return arn
