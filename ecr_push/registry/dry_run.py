"""A repository that is read as it is and never changed: what `--dry-run` works on.

Every method is written out, none is passed on by its name at run time: a method of `Writer`, or of a
capability's writer, that is missing here fails the type check and tests/unit/registry/test_dry_run.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.registry.artifact import Artifact, Attached
from ecr_push.registry.interface import (
    Login,
    Reader,
    RegistryImage,
    RepositoryState,
    Scanning,
    WantedRepository,
)
from ecr_push.registry.layers import DryLayers
from ecr_push.registry.lifecycle_api import LifecycleReader
from ecr_push.registry.oci import Manifest
from ecr_push.registry.scan_api import InspectorReader
from ecr_push.registry.scans import DryScans
from ecr_push.registry.signing_status import SigningStatus

if TYPE_CHECKING:  # a run that waits for no replication loads nothing of it
    from ecr_push.registry.replication_status import ReplicationStatus


class DryRun:
    """See `RepositoryClient`. Reads through inner; logs what it would have written."""

    def __init__(self, inner: Reader, narrator: Narrator) -> None:
        self._inner = inner
        self._narrator = narrator

    def create(self, wanted: WantedRepository) -> RepositoryState:
        repository = self._inner.locate()
        self._narrator.say(f"would create {repository}")
        scanned = bool(wanted.scan_on_push)
        return RepositoryState(
            repository, wanted.mutability, wanted.exclusions, scanned, wanted.encrypted_with
        )

    def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
        return False

    def put_untagged(self, manifest: Manifest, *, patient: bool = True) -> bool:
        return False

    def attach(self, artifact: Artifact) -> Attached:
        self._narrator.say(f"would attach {artifact.manifest.digest}")
        return "no"

    def remove_tags(self, tags: Sequence[Tag]) -> frozenset[Tag]:
        self._narrator.say(f"would remove {', '.join(map(str, tags))}")
        return frozenset()

    def delete_untagged(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        self._narrator.say(f"would delete {', '.join(map(str, digests))}")
        return frozenset()

    @property
    def scans(self) -> DryScans:
        return DryScans(self._inner.scans, self._narrator)

    @property
    def inspector(self) -> InspectorReader:
        return self._inner.inspector

    @property
    def lifecycle(self) -> LifecycleReader:
        return self._inner.lifecycle

    @property
    def layers(self) -> DryLayers:
        return DryLayers(self._inner.layers)

    def reach(self) -> str:
        return self._inner.reach()

    def login(self) -> Login:
        return self._inner.login()

    def describe(self) -> RepositoryState | None:
        return self._inner.describe()

    def locate(self) -> Repository:
        return self._inner.locate()

    def look_up_archive(self) -> None:
        self._inner.look_up_archive()

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        return self._inner.digests(tags)

    def tag_names(self) -> frozenset[str]:
        return self._inner.tag_names()

    def tagged(self) -> Mapping[str, Digest]:
        return self._inner.tagged()

    def images(self) -> tuple[RegistryImage, ...]:
        return self._inner.images()

    def manifest(self, digest: Digest) -> Manifest:
        return self._inner.manifest(digest)

    def blob(self, digest: Digest) -> bytes:
        return self._inner.blob(digest)

    def manifests(self, digests: Sequence[Digest]) -> Mapping[Digest, Manifest]:
        return self._inner.manifests(digests)

    def labels(self, manifest: Manifest) -> Mapping[str, str]:
        return self._inner.labels(manifest)

    def platforms(self, manifest: Manifest) -> tuple[str, ...]:
        return self._inner.platforms(manifest)

    def steps(self, manifest: Manifest) -> tuple[str, ...]:
        return self._inner.steps(manifest)

    def tags_of(self, digest: Digest) -> frozenset[Tag]:
        return self._inner.tags_of(digest)

    def referrers(
        self, digest: Digest, artifact_type: str, annotations: Mapping[str, str]
    ) -> frozenset[Digest]:
        return self._inner.referrers(digest, artifact_type, annotations)

    def all_referrers(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        return self._inner.all_referrers(digests)

    def replication_statuses(self, digest: Digest, tag: Tag | None = None) -> tuple[ReplicationStatus, ...]:
        return self._inner.replication_statuses(digest, tag)

    def signing_statuses(self, digest: Digest) -> tuple[SigningStatus, ...]:
        return self._inner.signing_statuses(digest)

    def scanning(self) -> Scanning:
        return self._inner.scanning()
