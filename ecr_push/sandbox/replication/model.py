"""What is on its way to another registry: the nouns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ecr_push.base.place import Place
from ecr_push.sandbox.image_store import Images
from ecr_push.sandbox.layers import Layers
from ecr_push.sandbox.model import RegistrySettings
from ecr_push.sandbox.repository_store import Repositories

Status = Literal["IN_PROGRESS", "COMPLETE", "FAILED"]


@dataclass
class Job:
    """An image, or a deletion, on its way. since: when it began, in seconds since the epoch.

    tags: that it arrives with, or that are removed. gone: the image is deleted, whatever its tags.
    """

    place: Place
    repository: str
    digest: str
    tags: tuple[str, ...]
    since: float
    deletes: bool = False
    gone: bool = False
    status: Status = "IN_PROGRESS"
    failure: str = ""

    def means(self, repository: str, digest: str, tag: str) -> bool:
        return (
            not self.deletes
            and (self.repository, self.digest) == (repository, digest)
            and (not tag or tag in self.tags)
        )


@dataclass(frozen=True)
class ReplicationScenario:
    """How replication runs. delay: seconds after the push. failure: a code; "" to succeed.

    region: the destination that both are about; "" for all.
    """

    delay: float = 0.0
    failure: str = ""
    region: str = ""

    def means(self, region: str) -> bool:
        return self.region in ("", region)


class Receiver(Protocol):
    """Runs what puts images here that come from elsewhere."""

    def receive(self, arrive: Callable[[], None]) -> None: ...


class Registry(Protocol):
    """What leaves a registry, and arrives in one: of `state.State`, which makes replicas."""

    repositories: Repositories
    images: Images
    layers: Layers
    clock: Callable[[], float]

    @property
    def settings(self) -> RegistrySettings: ...

    @property
    def replicas(self) -> Receiver: ...

    def close(self) -> None: ...


def destination_of(place: Place) -> dict[str, str]:
    """Shape ReplicationDestination."""
    return {"region": place.region, "registryId": place.account}


def places_of(rules: Sequence[Mapping[str, Any]], repository: str, *, deletes: bool = False) -> list[Place]:
    """Where a repository's images go, each place once. deletes: where its deletions go."""
    found = [
        Place(one["region"], one["registryId"])
        for rule in rules
        if _matches(rule, repository) and (not deletes or rule.get("deleteReplication", {}).get("enabled"))
        for one in rule["destinations"]
    ]
    return list(dict.fromkeys(found))


def configured_places(rules: Sequence[Mapping[str, Any]]) -> frozenset[Place]:
    """All of them, whatever the repository."""
    return frozenset(
        Place(one["region"], one["registryId"]) for rule in rules for one in rule["destinations"]
    )


def _matches(rule: Mapping[str, Any], repository: str) -> bool:
    filters = [one["filter"] for one in rule.get("repositoryFilters", [])]
    return not filters or any(repository.startswith(prefix) for prefix in filters)
