"""Stand-ins for the world's edges, each keeping the promise of the interface that it stands for."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Registry, Repository, Tag
from ecr_push.base.shape import OddValueError
from ecr_push.registry.artifact import Artifact, Attached
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.interface import (
    Login,
    RegistryImage,
    RepositoryState,
    Scanning,
    TagTakenError,
    WantedRepository,
)
from ecr_push.registry.layer_api import Blob, OpenBlob, Sent
from ecr_push.registry.lifecycle_api import PreviewedImage
from ecr_push.registry.oci import Manifest
from ecr_push.registry.referrers import followed
from ecr_push.registry.replication_status import ReplicationStatus
from ecr_push.registry.scan_api import Coverage, EpssPage, ScanEvents
from ecr_push.registry.signing_status import SigningStatus
from ecr_push.registry.stored_image import StoredImage
from ecr_push.release.promoted_tag import PromotedTag

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
REPOSITORY = Repository(Registry.parse(HOST), "team/app")
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"


class FakeClock:
    """Time that passes only in sleep()."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class FakeNarrator:
    """Remembers what is said and warned."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.warned: list[str] = []

    def phase(self, name: str) -> None: ...

    def say(self, text: str) -> None:
        self.said.append(text)

    def warn(self, text: str) -> None:
        self.warned.append(text)

    def command(self, text: str) -> None:
        self.said.append(text)

    def detail(self, line: str) -> None: ...

    def close(self) -> None: ...


def manifest(content: str = "one") -> Manifest:
    body = json.dumps({"mediaType": OCI_MANIFEST, "config": {"digest": digest(content).value, "size": 3}})
    return Manifest(_digest_of(body), OCI_MANIFEST, body)


def index(children: Iterable[Mapping[str, Any]]) -> Manifest:
    body = json.dumps({"mediaType": OCI_INDEX, "manifests": list(children)})
    return Manifest(_digest_of(body), OCI_INDEX, body)


def digest(content: str) -> Digest:
    return _digest_of(content)


def _digest_of(text: str) -> Digest:
    return Digest(f"sha256:{hashlib.sha256(text.encode()).hexdigest()}")


Answer = Mapping[str, Any] | None | Exception


MUTABLE = RepositoryState(REPOSITORY)
ON_PUSH = Scanning("basic", "SCAN_ON_PUSH")


class FakeRepository:
    """A repository in memory. log lists the writes in their order. Several threads may use it.

    It deletes an image with its last tag, as ECR does; deleted has those.
    """

    def __init__(
        self,
        *,
        tags: Mapping[str, Digest] | None = None,
        state: RepositoryState | None = MUTABLE,
        labels: Mapping[Digest, Mapping[str, str]] | None = None,
        manifests: Sequence[Manifest] = (),
        scanning: Scanning = ON_PUSH,
        answers: Callable[[Digest], Answer] = lambda digest: None,
        start_error: AwsRefusedError | None = None,
        pushed_at: Mapping[Digest, datetime] | None = None,
        platforms: Mapping[Digest, tuple[str, ...]] | None = None,
        at: Repository = REPOSITORY,
        referrers: Mapping[Digest, Sequence[Digest]] | None = None,
    ) -> None:
        self.at = at
        self.blobs = {blob.digest for one in manifests for blob in _blobs(one)}
        self._referrers = dict(referrers or {})
        self.tags = dict(tags or {})
        self.state = replace(state, repository=at) if state else None
        self.log: list[str] = []
        self.deleted: set[Digest] = set()
        self.attached: list[Artifact] = []
        self.signing: list[tuple[SigningStatus, ...]] = [()]  # answer by answer
        self.replication: dict[str, list[tuple[ReplicationStatus, ...]]] = {}  # by the tag, "" for the image
        self.scans_started: list[Digest] = []
        self.lifecycle_policy = ""
        self.lifecycle_error: RegistryError | None = None
        self.lifecycle_preview: Mapping[Digest, PreviewedImage] = {}
        self._labels = dict(labels or {})
        self._manifests = {one.digest: one for one in manifests}
        self._scanning = scanning
        self._answers = answers
        self._start_error = start_error
        self._pushed_at = dict(pushed_at or {})
        self._platforms = dict(platforms or {})

    def push(self, manifest: Manifest, tag: Tag, labels: Mapping[str, str]) -> None:
        """What a builder does, on the registry's own door."""
        self.blobs |= {blob.digest for blob in _blobs(manifest)}
        self._manifests[manifest.digest] = manifest
        self._labels[manifest.digest] = labels
        self.tags[tag.name] = manifest.digest

    def login(self) -> Login:
        return Login(HOST, "AWS", "dummy-password", START + timedelta(hours=12))

    def reach(self) -> str:
        return ""

    def describe(self) -> RepositoryState | None:
        return self.state

    def locate(self) -> Repository:
        return self.at

    def create(self, wanted: WantedRepository) -> RepositoryState:
        scanned = bool(wanted.scan_on_push)
        self.state = RepositoryState(self.at, wanted.mutability, wanted.exclusions, scanned)
        return self.state

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        return {tag: self.tags[tag.name] for tag in tags if tag.name in self.tags}

    def look_up_archive(self) -> None: ...

    def tag_names(self) -> frozenset[str]:
        return frozenset(self.tags.copy())

    def tagged(self) -> Mapping[str, Digest]:
        return self.tags.copy()

    def images(self) -> tuple[RegistryImage, ...]:
        return tuple(
            RegistryImage(
                one,
                frozenset(name for name, points_to in self.tags.copy().items() if points_to == one),
                self._pushed_at.get(one, START),
            )
            for one in sorted(set(self.tags.copy().values()), key=str)
        )

    def manifest(self, digest: Digest) -> Manifest:
        attached = {one.manifest.digest: one.manifest for one in self.attached}
        if digest not in self._manifests | attached:
            raise RegistryError(f"{digest} is not there")
        return (self._manifests | attached)[digest]

    def blob(self, digest: Digest) -> bytes:
        return next(
            one
            for artifact in self.attached
            for one in artifact.blobs
            if f"sha256:{hashlib.sha256(one).hexdigest()}" == digest.value
        )

    def manifests(self, digests: Sequence[Digest]) -> Mapping[Digest, Manifest]:
        return {one: self._manifests[one] for one in digests if one in self._manifests}

    def labels(self, manifest: Manifest) -> Mapping[str, str]:
        return self._labels.get(manifest.digest, {})

    def platforms(self, manifest: Manifest) -> tuple[str, ...]:
        return self._platforms.get(manifest.digest, ("linux/amd64",))

    def steps(self, manifest: Manifest) -> tuple[str, ...]:
        return ()

    def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
        now = self.tags.get(tag.name)
        if now not in (None, manifest.digest) and self.state and self.state.freezes(tag):
            raise TagTakenError(tag, now)
        self.log.append(tag.name)
        self._manifests.setdefault(manifest.digest, manifest)
        self.tags[tag.name] = manifest.digest
        self.deleted.discard(manifest.digest)
        return True

    def referrers(
        self, digest: Digest, artifact_type: str, annotations: Mapping[str, str]
    ) -> frozenset[Digest]:
        """Those that were attached; no artifact of ours has an annotation."""
        found = [(one, json.loads(one.manifest.body)) for one in self.attached if not annotations]
        ours = frozenset(
            one.manifest.digest
            for one, said in found
            if said["subject"]["digest"] == digest.value
            and said["artifactType"] == (artifact_type or said["artifactType"])
        )
        return ours | frozenset(self._referrers.get(digest, ()))

    def all_referrers(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        return followed(digests, lambda some: [one for each in some for one in self.referrers(each, "", {})])

    def put_untagged(self, manifest: Manifest, *, patient: bool = True) -> bool:
        lacking = {blob.digest for blob in manifest.needed_blobs} - self.blobs
        lacking |= {child.digest for child in manifest.children()} - self._manifests.keys()
        assert not lacking, "a registry refuses a manifest before what it names"
        self.log.append(f"+{manifest.digest.short}")
        self._manifests[manifest.digest] = manifest
        return True

    def replication_statuses(self, digest: Digest, tag: Tag | None = None) -> tuple[ReplicationStatus, ...]:
        """Answer by answer; of one tag, those of it."""
        answers = self.replication.get(tag.name if tag else "", [()])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def signing_statuses(self, digest: Digest) -> tuple[SigningStatus, ...]:
        return self.signing.pop(0) if len(self.signing) > 1 else self.signing[0]

    def attach(self, artifact: Artifact) -> Attached:
        self.log.append("attached")
        self.attached.append(artifact)
        return "referrer"

    def tags_of(self, digest: Digest) -> frozenset[Tag]:
        if digest in self.deleted:
            raise AwsRefusedError("ImageNotFoundException", "it does not exist", "ecr:DescribeImages", 400)
        return frozenset(Tag(name) for name, points_to in self.tags.copy().items() if points_to == digest)

    def remove_tags(self, tags: Sequence[Tag]) -> frozenset[Tag]:
        removed = {tag: self.tags.pop(tag.name) for tag in tags if tag.name in self.tags}
        self.log += [f"-{tag}" for tag in removed]
        self.deleted |= {one for one in removed.values() if one not in self.tags.values()}
        return frozenset(removed)

    def delete_untagged(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        found = [one for one in digests if one not in self.tags.values()]
        self.log += [f"-{one.short}" for one in found]
        return frozenset(found)

    def scanning(self) -> Scanning:
        return self._scanning

    @property
    def scans(self) -> FakeScans:
        return FakeScans(self)

    @property
    def layers(self) -> FakeLayers:
        return FakeLayers(self)

    @property
    def inspector(self) -> FakeInspector:
        return FakeInspector(self)

    @property
    def lifecycle(self) -> FakeLifecycle:
        return FakeLifecycle(self)

    def start_scan(self, digest: Digest) -> bool:
        self.scans_started.append(digest)
        if self._start_error:
            raise self._start_error
        return True

    def scan_page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
        return self.scan_answer(digest)

    def scan_answer(self, digest: Digest) -> Mapping[str, Any] | None:
        answer = self._answers(digest)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def coverage(self, digest: Digest) -> Coverage | None:
        return None

    def epss_page(self, digest: Digest, token: str = "") -> EpssPage:
        return EpssPage({})

    def scan_events(self, queue: str) -> ScanEvents:
        raise RegistryError("there is no queue")


def _blobs(manifest: Manifest) -> tuple[Blob, ...]:
    """None where a test's manifest is odd."""
    try:
        return manifest.needed_blobs
    except OddValueError:
        return ()


class FakeScans:
    """The scans of a `FakeRepository`, which answers for them."""

    def __init__(self, repository: FakeRepository) -> None:
        self._repository = repository

    def start(self, digest: Digest) -> bool:
        return self._repository.start_scan(digest)

    def page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
        return self._repository.scan_page(digest, token)

    def answer(self, digest: Digest) -> Mapping[str, Any] | None:
        return self._repository.scan_answer(digest)

    def events(self, queue: str) -> ScanEvents:
        return self._repository.scan_events(queue)


class FakeLayers:
    """The blobs of a `FakeRepository`: each has its digest's bytes in place of its own."""

    def __init__(self, repository: FakeRepository) -> None:
        self._repository = repository

    def missing(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        return frozenset(digests) - self._repository.blobs

    @contextmanager
    def open(self, blob: Blob) -> Iterator[io.BytesIO]:
        assert blob.digest in self._repository.blobs, "only what is there can be read"
        yield io.BytesIO(blob.digest.value.encode())

    def put(self, blob: Blob, open_blob: OpenBlob, mount_from: Repository | None = None) -> Sent:
        how: Sent = "mounted" if mount_from else "sent"
        if not mount_from:
            with open_blob() as stream:
                assert stream.read() == blob.digest.value.encode()
        self._repository.blobs.add(blob.digest)
        self._repository.log.append(how)
        return how


class FakeInspector:
    """Inspector for a `FakeRepository`, which answers for it."""

    def __init__(self, repository: FakeRepository) -> None:
        self._repository = repository

    def coverage(self, digest: Digest) -> Coverage | None:
        return self._repository.coverage(digest)

    def epss_page(self, digest: Digest, token: str = "") -> EpssPage:
        return self._repository.epss_page(digest, token)


class FakeLifecycle:
    """The lifecycle policy of a `FakeRepository`, which keeps its text and ECR's preview."""

    def __init__(self, repository: FakeRepository) -> None:
        self._repository = repository

    def policy(self) -> str:
        if self._repository.lifecycle_error:
            raise self._repository.lifecycle_error
        return self._repository.lifecycle_policy

    def images(self, *, layers: bool = False) -> tuple[StoredImage, ...]:
        found = self._repository.images()
        return tuple(StoredImage(one.digest, one.tags, one.pushed_at) for one in found)

    def preview(self, policy: str) -> Mapping[Digest, PreviewedImage]:
        return self._repository.lifecycle_preview


class FakeRecord:
    """Remembers what promotion did."""

    def __init__(self) -> None:
        self.tags: list[PromotedTag] = []
        self.retired: list[bool] = []

    def tag_done(self, tag: PromotedTag) -> None:
        self.tags.append(tag)

    def tag_given_back(self, tag: Tag) -> None:
        self.tags = [one for one in self.tags if one.tag != tag]

    def candidate_retired(self, removed: bool) -> None:
        self.retired.append(removed)
