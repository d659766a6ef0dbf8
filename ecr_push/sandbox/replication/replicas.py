"""What leaves a registry for others, and the registries that it arrives in. Thread-safe.

A push is noted at once, and arrives with the first request after the scenario's delay.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from ecr_push.base.place import Place
from ecr_push.sandbox.model import Image, StoredRepository
from ecr_push.sandbox.replication.arrival import arrive, depart
from ecr_push.sandbox.replication.backfill import Backfill, Backfills
from ecr_push.sandbox.replication.model import (
    Job,
    Registry,
    ReplicationScenario,
    configured_places,
    destination_of,
    places_of,
)

R = TypeVar("R", bound=Registry)
CONFIGURATION = "replication"  # in RegistrySettings.extra


class Replicas(Generic[R]):
    """The registries that one registry is replicated to. make: one of a place, in a folder of its own."""

    def __init__(self, source: Registry, root: Path, make: Callable[[Path, Place], R]) -> None:
        self._source = source
        self._root = root
        self._make = make
        self._lock = threading.RLock()
        self._states: dict[Place, R] = {}
        self._jobs: list[Job] = []
        # Noted under the lock of the images, which `settle` takes under its own: so without that.
        self._noted: SimpleQueue[Job] = SimpleQueue()
        self._receiving = False
        self.backfills = Backfills(source.clock)

    @property
    def rules(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self._source.settings.extra.get(CONFIGURATION, {"rules": []})[
            "rules"
        ]
        return found

    def close(self) -> None:
        with self._lock:
            for state in self._states.values():
                state.close()

    def state_of(self, place: Place, scenario: ReplicationScenario) -> R | None:
        """The registry of a place, with what has arrived; None where nothing is replicated to it, and never
        was."""
        self.settle(scenario)
        with self._lock:
            if place in self._states:
                return self._states[place]
            if place not in configured_places(self.rules) and not self._folder(place).exists():
                return None
            return self._open(place)

    def pushed(self, repository: StoredRepository, image: Image, tag: str) -> None:
        """A listener of pushes. What arrives from elsewhere does not leave again: ECR replicates one hop."""
        if repository.kind == "private" and not self._receiving:
            places = places_of(self.rules, repository.name)
            self._note(places, repository.name, image.digest, (tag,) if tag else ())

    def deleted(self, repository: StoredRepository, digest: str, tags: Sequence[str], gone: bool) -> None:
        """A listener of deletions."""
        if repository.kind == "private":
            places = places_of(self.rules, repository.name, deletes=True)
            self._note(places, repository.name, digest, tags, deletes=True, gone=gone)

    def statuses(
        self, repository: str, digest: str, tag: str, scenario: ReplicationScenario
    ) -> list[dict[str, str]]:
        """Shape ImageReplicationStatus, one for each place: the worst of what is on its way there."""
        self.settle(scenario)
        with self._lock:
            found: dict[Place, Job] = {}
            for job in self._jobs:
                if job.means(repository, digest, tag) and (
                    job.place not in found or found[job.place].status == "COMPLETE"
                ):
                    found[job.place] = job
        return [
            {
                **destination_of(place),
                "status": job.status,
                **({"failureCode": job.failure} if job.status == "FAILED" else {}),
            }
            for place, job in found.items()
        ]

    def start_backfill(self, place: Place) -> Backfill:
        """Raises EcrError where it cannot begin."""
        with self._lock:
            images = [
                (repository.name, image)
                for repository in self._source.repositories.all("private")
                if place in places_of(self.rules, repository.name)
                for image in self._source.images.all("private", repository.name)
            ]
            return self.backfills.start(place, self.rules, images)

    def settle(self, scenario: ReplicationScenario) -> None:
        """Lets arrive whatever is due."""
        with self._lock:
            while not self._noted.empty():
                self._jobs.append(self._noted.get())
            now = self._source.clock()
            for job in self._jobs:
                meant = scenario.means(job.place.region)
                if job.status != "IN_PROGRESS" or now < job.since + (scenario.delay if meant else 0.0):
                    continue
                if meant and scenario.failure and not job.deletes:
                    job.status, job.failure = "FAILED", scenario.failure
                    continue
                self._carry_out(job)
                job.status = "COMPLETE"
            for place, repository, digest, tags in self.backfills.settle(scenario):
                self._carry_out(Job(place, repository, digest, tags, now))

    def _carry_out(self, job: Job) -> None:
        there = self._open(job.place)
        there.replicas.receive(lambda: self._move(job, there))

    def receive(self, arrive: Callable[[], None]) -> None:
        """Runs what puts images here that come from elsewhere."""
        with self._lock:
            self._receiving = True
            try:
                arrive()
            finally:
                self._receiving = False

    def _move(self, job: Job, there: Registry) -> None:
        if job.deletes:
            depart(there, job.repository, job.digest, job.tags, gone=job.gone)
        else:
            arrive(self._source, there, job.repository, job.digest, job.tags)

    def _note(
        self,
        places: Sequence[Place],
        repository: str,
        digest: str,
        tags: Sequence[str],
        *,
        deletes: bool = False,
        gone: bool = False,
    ) -> None:
        now = self._source.clock()
        for place in places:
            self._noted.put(Job(place, repository, digest, tuple(tags), now, deletes, gone))

    def _folder(self, place: Place) -> Path:
        return self._root / "replicas" / f"{place.region}-{place.account}"

    def _open(self, place: Place) -> R:
        if place not in self._states:
            self._states[place] = self._make(self._folder(place), place)
        return self._states[place]
