"""A repository in memory whose calls take virtual time: what two pipelines see of one another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

from virtual_time import START, VirtualTime

from ecr_push.base.errors import RegistryError, ScanError
from ecr_push.base.reference import Digest, Registry, Repository, Tag
from ecr_push.registry.interface import RegistryImage, RepositoryState, Scanning, TagTakenError
from ecr_push.registry.oci import Manifest

MUTABLE = RepositoryState(
    Repository(Registry.parse("123456789012.dkr.ecr.eu-west-1.amazonaws.com"), "team/app")
)
T = TypeVar("T")
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def image(content: str) -> Manifest:
    config = f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
    body = json.dumps({"mediaType": OCI_MANIFEST, "config": {"digest": config}})
    return Manifest(Digest(f"sha256:{hashlib.sha256(body.encode()).hexdigest()}"), OCI_MANIFEST, body)


@dataclass
class VirtualRegistry:
    """What the registry holds. moves: every change of a tag in its order, as tag, digest, time."""

    time: VirtualTime
    state: RepositoryState = MUTABLE
    tags: dict[str, Digest] = field(default_factory=dict)
    manifests: dict[Digest, Manifest] = field(default_factory=dict)
    labels: dict[Digest, Mapping[str, str]] = field(default_factory=dict)
    moves: list[tuple[str, Digest, float]] = field(default_factory=list)

    def push(self, manifest: Manifest, *tags: str, labels: Mapping[str, str] | None = None) -> None:
        """An image, at once."""
        self.manifests[manifest.digest] = manifest
        self.labels[manifest.digest] = labels or {}
        self.tags |= dict.fromkeys(tags, manifest.digest)

    def manifest(self, digest: Digest) -> Manifest:
        if digest not in self.manifests:
            raise RegistryError(f"there is no image {digest}")
        return self.manifests[digest]

    def names_of(self, digest: Digest) -> list[str]:
        return [name for name, one in self.tags.items() if one == digest]

    def put(self, manifest: Manifest, tag: Tag) -> None:
        now = self.tags.get(tag.name)
        if now not in (None, manifest.digest) and self.state.freezes(tag):
            raise TagTakenError(tag, now)
        self.manifests[manifest.digest] = manifest
        if now != manifest.digest:
            self.tags[tag.name] = manifest.digest
            self.moves.append((tag.name, manifest.digest, self.time.monotonic()))

    def remove(self, tags: Sequence[Tag]) -> frozenset[Tag]:
        """As ECR: an image goes with its last tag."""
        removed = frozenset(tag for tag in tags if self.tags.pop(tag.name, None))
        self.manifests = {one: it for one, it in self.manifests.items() if one in self.tags.values()}
        return removed


class VirtualClient:
    """See `RepositoryClient`: what promotions and rollbacks call of it.

    latency: draws the seconds that a call takes. The registry answers it at some moment within them.
    """

    def __init__(self, registry: VirtualRegistry, latency: Callable[[], float]) -> None:
        self._registry = registry
        self._latency = latency

    @property
    def scans(self) -> NoReturn:
        raise ScanError("nothing is scanned here")

    def scanning(self) -> Scanning:
        return self._call(lambda: Scanning("none"))

    def describe(self) -> RepositoryState | None:
        return self._call(lambda: self._registry.state)

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        there = self._registry.tags
        return self._call(lambda: {tag: there[tag.name] for tag in tags if tag.name in there})

    def look_up_archive(self) -> None: ...

    def tag_names(self) -> frozenset[str]:
        return self._call(lambda: frozenset(self._registry.tags))

    def tags_of(self, digest: Digest) -> frozenset[Tag]:
        return self._call(lambda: frozenset(map(Tag, self._registry.names_of(digest))))

    def images(self) -> tuple[RegistryImage, ...]:
        return self._call(
            lambda: tuple(
                RegistryImage(digest, frozenset(self._registry.names_of(digest)), START)
                for digest in dict.fromkeys(self._registry.tags.values())
            )
        )

    def manifest(self, digest: Digest) -> Manifest:
        return self._call(lambda: self._registry.manifest(digest))

    def platforms(self, manifest: Manifest) -> tuple[str, ...]:
        return ()

    def labels(self, manifest: Manifest) -> Mapping[str, str]:
        return self._call(lambda: self._registry.labels[manifest.digest])

    def put_tag(self, manifest: Manifest, tag: Tag) -> bool:
        self._call(lambda: self._registry.put(manifest, tag))
        return True

    def remove_tags(self, tags: Sequence[Tag]) -> frozenset[Tag]:
        return self._call(lambda: self._registry.remove(tags))

    def _call(self, answer: Callable[[], T]) -> T:
        time = self._registry.time
        seconds = self._latency()
        there = seconds * time.random.random()
        time.sleep(there)
        try:
            return answer()
        finally:
            time.sleep(seconds - there)
