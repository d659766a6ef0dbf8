"""Backfills: what was there before replication was configured follows, once for each destination.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication-backfill.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecr_push.base.place import Place
from ecr_push.sandbox.model import EcrError, Image
from ecr_push.sandbox.replication.model import ReplicationScenario, configured_places, destination_of

MOST_AT_ONCE = 10
# A backfill fails where half of it does, which is looked at from so many replications on.
LEAST_COUNTED = 100
UNDER_WAY = ("PREPARING", "IN_PROGRESS", "STOPPING")
_KEPT_SECONDS = 90 * 86_400.0


@dataclass
class Backfill:
    """One. images: repository, digest and tag of each replication; the tag is "" of an untagged image."""

    id: str
    place: Place
    started_at: float
    images: tuple[tuple[str, str, str], ...]
    status: str = "PREPARING"
    failure: str = ""
    done: int = 0
    failed: int = 0
    code: str = ""
    ended_at: float = 0.0

    def document(self) -> dict[str, Any]:
        """Shape ReplicationBackfillSummary."""
        progress = {
            "totalReplicationCount": len(self.images),
            "completedReplicationCount": self.done,
            "failedReplicationCount": self.failed,
            "failureCodes": [self.code] if self.failed else [],
        }
        return {
            "replicationBackfillId": self.id,
            "destination": destination_of(self.place),
            "status": self.status,
            "failureCode": self.failure or None,
            "progress": None if self.status == "PREPARING" else progress,
            "startedAt": self.started_at,
            "endedAt": self.ended_at or None,
        }

    def results(self) -> list[dict[str, Any]]:
        """Shape ReplicationBackfillResult, once it has ended."""
        if self.status in UNDER_WAY:
            return []
        status = {"status": "FAILED", "failureCode": self.code} if self.failed else {"status": "COMPLETE"}
        return [
            {
                "repositoryName": repository,
                "imageId": {"imageDigest": digest, "imageTag": tag or None},
                **status,
            }
            for repository, digest, tag in self.images[: self.done + self.failed]
        ]


@dataclass
class Backfills:
    """Those of one registry. Not thread-safe."""

    clock: Callable[[], float]
    _all: dict[str, Backfill] = field(default_factory=dict)

    def all(self) -> list[Backfill]:
        """Without those that ended 90 days ago."""
        oldest = self.clock() - _KEPT_SECONDS
        return [one for one in self._all.values() if not one.ended_at or one.ended_at >= oldest]

    def get(self, backfill_id: str) -> Backfill:
        for one in self.all():
            if one.id == backfill_id:
                return one
        raise EcrError(
            "ReplicationBackfillNotFoundException", f"The replication backfill '{backfill_id}' does not exist"
        )

    def start(
        self, place: Place, rules: Sequence[Mapping[str, Any]], images: Sequence[tuple[str, Image]]
    ) -> Backfill:
        if place not in configured_places(rules):
            raise EcrError(
                "InvalidParameterException",
                f"Invalid parameter at 'destination' failed to satisfy constraint: '{place.region} in "
                f"{place.account} is not a destination of the replication configuration'",
            )
        under_way = [one for one in self.all() if one.status in UNDER_WAY]
        if any(one.place.region == place.region for one in under_way):
            raise EcrError(
                "ReplicationBackfillInProgressException",
                f"A replication backfill for the destination Region '{place.region}' is in progress",
            )
        if len(under_way) >= MOST_AT_ONCE:
            raise EcrError(
                "LimitExceededException", f"{MOST_AT_ONCE} replication backfills are in progress already"
            )
        each = tuple((name, one.digest, tag) for name, one in images for tag in one.tags or ("",))
        found = Backfill(str(uuid.uuid4()), place, self.clock(), each)
        self._all[found.id] = found
        return found

    def stop(self, backfill_id: str) -> Backfill:
        found = self.get(backfill_id)
        if found.status not in ("PREPARING", "IN_PROGRESS"):
            raise EcrError(
                "ReplicationBackfillInvalidStatusException",
                f"The replication backfill '{backfill_id}' is {found.status}",
            )
        found.status, found.ended_at = "STOPPED", self.clock()
        return found

    def settle(self, scenario: ReplicationScenario) -> Iterator[tuple[Place, str, str, tuple[str, ...]]]:
        """Moves each on to where it is now. Yields what arrives."""
        now = self.clock()
        for one in self._all.values():
            if one.status not in ("PREPARING", "IN_PROGRESS"):
                continue
            meant = scenario.means(one.place.region)
            one.status = "IN_PROGRESS"
            if now < one.started_at + (scenario.delay if meant else 0.0):
                continue
            one.ended_at = now
            if meant and scenario.failure:
                one.failed, one.code = len(one.images), scenario.failure
                if len(one.images) >= LEAST_COUNTED:
                    one.status, one.failure = "FAILED", "FAILURE_THRESHOLD_EXCEEDED"
                    continue
            else:
                one.done = len(one.images)
                for repository, digest, tag in one.images:
                    yield one.place, repository, digest, (tag,) if tag else ()
            one.status = "COMPLETE"
