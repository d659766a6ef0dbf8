"""ARNs of which a part may be unknown until a policy is used, and what stands for it then. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.base.partition import partition_of

# What stands for an unknown part, until a format is chosen. No part of an ARN has braces.
PARTITION, REGION, ACCOUNT = "{partition}", "{region}", "{account}"
UNKNOWN = (PARTITION, REGION, ACCOUNT)


@dataclass(frozen=True)
class Place:
    """An account and a region of it, empty where they are unknown."""

    region: str = ""
    account: str = ""

    @property
    def partition(self) -> str:
        if not self.region:
            return PARTITION
        return partition_of(self.region)

    def arn(self, service: str, resource: str) -> str:
        """Of a resource in the region and the account."""
        region, account = self.region or REGION, self.account or ACCOUNT
        return f"arn:{self.partition}:{service}:{region}:{account}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """Of a resource of the account in no region, such as a role's."""
        return f"arn:{self.partition}:{service}::{self.account or ACCOUNT}:{resource}"


def filled(arn: str, place: Place) -> str:
    """An ARN with what is unknown in it taken from place."""
    known = {PARTITION: place.partition, REGION: place.region, ACCOUNT: place.account}
    for mark, value in known.items():
        arn = arn.replace(mark, value or mark)
    return arn
