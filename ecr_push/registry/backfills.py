"""Replication of what was pushed before it was configured: started, listed, and its results.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication-backfill.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.place import Place
from ecr_push.base.shape import count, each, each_text, member, optional_text, parsed, text, time
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.session import Aws

# Shape ReplicationBackfillStatus.
UNDER_WAY = ("PREPARING", "IN_PROGRESS", "STOPPING")
COMPLETE = "COMPLETE"
_SINCE = "1.43.119"


@dataclass(frozen=True)
class Backfill:
    """One. Each tag of an image counts as one of total, completed and failed; None while it is prepared.

    failure: ECR's code where it FAILED. codes: of the failed ones.
    """

    id: str
    place: Place
    status: str
    started_at: datetime
    failure: str = ""
    total: int | None = None
    completed: int | None = None
    failed: int | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FailedImage:
    """An image that was not replicated. tag: "" without one. code: ECR's."""

    repository: str
    digest: str
    tag: str
    code: str


class Backfills:
    """Those of the caller's own registry. Every method may raise RegistryError."""

    def __init__(self, access: Aws) -> None:
        self._api = RepositoryApi(access, "ecr", "")

    def all(self) -> tuple[Backfill, ...]:
        """The youngest first. ECR keeps them for 90 days after their end."""
        self._api.needs("list_replication_backfills", _SINCE)
        pages = self._api.read_registry_pages(
            "list_replication_backfills", lambda page: each(_backfill, page, "backfills")
        )
        found = [one for page in pages for one in page]
        return tuple(sorted(found, key=lambda one: one.started_at, reverse=True))

    def start(self, place: Place) -> str:
        """Starts one to a destination of the replication, and returns its id.

        Where one is under way, ECR refuses a second; then its id is returned.
        """
        self._api.needs("start_replication_backfill", _SINCE)
        try:
            return self._api.read_registry(
                "start_replication_backfill",
                lambda answer: text(answer, "replicationBackfillId"),
                destination={"region": place.region, "registryId": place.account},
            )
        except AwsRefusedError as refused:
            if refused.code != "ReplicationBackfillInProgressException":
                raise
            there = [one for one in self.all() if one.place == place and one.status in UNDER_WAY]
            if not there:
                raise
            return there[0].id

    def find(self, backfill_id: str) -> Backfill:
        return self._api.read_registry(
            "describe_replication_backfill_results",
            lambda answer: _backfill({"replicationBackfillId": backfill_id, **answer}),
            replicationBackfillId=backfill_id,
            maxResults=1,
        )

    def failed(self, backfill_id: str) -> tuple[FailedImage, ...]:
        """What one that has ended did not replicate."""
        pages = self._api.read_registry_pages(
            "describe_replication_backfill_results",
            lambda page: each(_failed, page, "results"),
            replicationBackfillId=backfill_id,
            resultStatusFilter="FAILED",
            maxResults=1000,
        )
        return tuple(one for page in pages for one in page)


def _backfill(one: Mapping[str, Any]) -> Backfill:
    known = member(one, "progress") is not None

    def number(name: str) -> int | None:
        return count(one, "progress", f"{name}ReplicationCount") if known else None

    return Backfill(
        text(one, "replicationBackfillId"),
        Place(text(one, "destination", "region"), text(one, "destination", "registryId")),
        text(one, "status"),
        time(one, "startedAt"),
        optional_text(one, "failureCode"),
        number("total"),
        number("completed"),
        number("failed"),
        tuple(each_text(str, one, "progress", "failureCodes")) if known else (),
    )


def _failed(one: Mapping[str, Any]) -> FailedImage:
    codes = [optional_text(one, "failureCode"), *each_text(str, one, "subImageFailureCodes")]
    return FailedImage(
        parsed(str, one, "repositoryName"),
        optional_text(one, "imageId", "imageDigest"),
        optional_text(one, "imageId", "imageTag"),
        ", ".join(filter(None, codes)),
    )
