"""Where a registry is: an account, in a region. Pure."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass
from ecr_push.base.partition import partition_of


@dataclass(frozen=True)
class Place:
    """A registry, or another service of the same account and region. account: 12 digits.

    Both are "" where they are not known.
    """

    region: str = ""
    account: str = ""

    @classmethod
    def of_repository(cls, arn: str) -> Place:
        """Where a repository is, by its ARN: `arn:PARTITION:ecr:REGION:ACCOUNT:repository/NAME`."""
        parts = [*arn.split(":"), "", "", "", "", ""]
        return cls(parts[3], parts[4])

    @property
    def partition(self) -> str:
        """`aws` where the region is not known."""
        return partition_of(self.region)

    def __str__(self) -> str:
        return f"{self.region}/{self.account}"
