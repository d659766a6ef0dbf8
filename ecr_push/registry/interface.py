"""What a repository can be asked and what can change it, in both kinds of ECR registry: nouns and interfaces.

`Reader` asks, `Writer` changes. What one kind of registry has and the other lacks is a capability: an
attribute with interfaces of its own, again one that asks and one that changes; `scans` has those of
`scan_api`. `private` and `public` implement them; `dry_run` reads and never writes.
"""

from __future__ import annotations

import base64
import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.registry.artifact import Artifact, Attached
from ecr_push.registry.layer_api import LayerReader, Layers
from ecr_push.registry.lifecycle_api import LifecycleReader
from ecr_push.registry.oci import Manifest
from ecr_push.registry.scan_api import InspectorReader, ScanReader, Scans
from ecr_push.registry.signing_status import SigningStatus

if TYPE_CHECKING:  # a run that waits for no replication loads nothing of it
    from ecr_push.registry.replication_status import ReplicationStatus

ScanMode = Literal["basic", "enhanced", "none", "unknown"]


@dataclass(frozen=True)
class Login:
    """What docker needs to push. The password is valid for at most twelve hours."""

    host: str
    username: str
    password: str = field(repr=False)
    expires_at: datetime

    @property
    def authorization(self) -> str:
        """The token as GetAuthorizationToken returns it and as the registry expects it."""
        return base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    @property
    def secrets(self) -> tuple[str, str]:
        """The strings that no output may contain."""
        return (self.password, self.authorization)


@dataclass(frozen=True)
class WantedRepository:
    """The settings of a repository that we create.

    mutability: ECR's value; "" for ECR's default, as None for scan_on_push.
    encryption: AES256, KMS or KMS_DSSE; "" for KMS with a kms_key, and AES256 without.
    lifecycle, policy: JSON; "" for none.
    """

    mutability: str
    exclusions: tuple[str, ...]
    kms_key: str = ""
    scan_on_push: bool | None = True
    lifecycle: str = ""
    encryption: str = ""
    policy: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def encrypted_with(self) -> str:
        """`AES256`, or `KMS KEY`: what ECR never changes once the repository is there."""
        by_key = "KMS" if self.kms_key else "AES256"
        kind = self.encryption if self.encryption.startswith("KMS") else by_key
        return f"{kind} {self.kms_key}".strip()


@dataclass(frozen=True)
class RepositoryState:
    """A repository as it is. mutability is ECR's value; exclusions are its wildcard filters."""

    repository: Repository
    mutability: str = "MUTABLE"
    exclusions: tuple[str, ...] = ()
    scan_on_push: bool = False
    encryption: str = ""

    def freezes(self, tag: Tag) -> bool:
        """Return whether ECR would refuse to move this tag once it exists.

        https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
        """
        excluded = any(fnmatch.fnmatchcase(tag.name, pattern) for pattern in self.exclusions)
        return self.mutability.startswith("IMMUTABLE") != excluded


class TagTakenError(RegistryError):
    """ECR refused to move a tag, because it is immutable and names another image, points_to."""

    def __init__(self, tag: Tag, points_to: Digest) -> None:
        super().__init__(
            f"{tag} cannot be moved",
            why=f"the repository keeps it at {points_to}: its tags are immutable",
            remedy="exclude it from the repository's immutability, or leave it out: --floating-tags none",
        )
        self.points_to = points_to


@dataclass(frozen=True)
class RegistryImage:
    """A tagged image as the registry lists it.

    pushed_at is the manifest's first push: adding or removing tags later does not change it
    (aws/containers-roadmap#214, #2746). ECR does not record what a tag pointed to before.
    status is ACTIVE, ARCHIVED or ACTIVATING: shape ImageStatus.
    """

    digest: Digest
    tags: frozenset[str]
    pushed_at: datetime
    status: str = "ACTIVE"

    @property
    def can_be_pulled(self) -> bool:
        return self.status == "ACTIVE"


@dataclass(frozen=True)
class Scanning:
    """How the registry scans this repository.

    mode is the registry's setting, never guessed from a scan's answer. frequency is ECR's value:
    SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL; empty where we may not read it.
    """

    mode: ScanMode
    frequency: str = ""


class Reader(Protocol):
    """Asks about one repository and changes nothing. Every method may raise RegistryError."""

    @property
    def scans(self) -> ScanReader:
        """Raises ScanError where the registry has no scanning: then `scanning` answers `none`."""
        ...

    @property
    def inspector(self) -> InspectorReader:
        """Raises ScanError as `scans` does."""
        ...

    @property
    def lifecycle(self) -> LifecycleReader:
        """Raises RegistryError where the registry knows no lifecycle policies."""
        ...

    @property
    def layers(self) -> LayerReader: ...

    def login(self) -> Login: ...

    def reach(self) -> str:
        """Asks the host that docker pushes to for any answer. Returns the address of the proxy on the way
        there, "" for none."""
        ...

    def describe(self) -> RepositoryState | None:
        """None when the repository does not exist."""
        ...

    def locate(self) -> Repository:
        """Where the repository is, or would be once it is created."""
        ...

    def look_up_archive(self) -> None:
        """Starts to ask which images are archived, which `digests` needs for tags that do not exist yet."""
        ...

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        """Where these tags point, be it to an archived image; a tag that does not exist is left out."""
        ...

    def tag_names(self) -> frozenset[str]:
        """Every tag of the repository, those of archived images too."""
        ...

    def tagged(self) -> Mapping[str, Digest]:
        """The same, each with the image that it names."""
        ...

    def images(self) -> tuple[RegistryImage, ...]:
        """Every tagged image of the repository, archived ones too, in no particular order."""
        ...

    def manifest(self, digest: Digest) -> Manifest:
        """Raises ArchivedImageError of `archive` for an image that has to be restored first."""
        ...

    def blob(self, digest: Digest) -> bytes:
        """What a manifest names beside layers: a small document. It is what its digest says."""
        ...

    def manifests(self, digests: Sequence[Digest]) -> Mapping[Digest, Manifest]:
        """Those that can be pulled, by their digests; one that is not there, or is archived, is left out."""
        ...

    def labels(self, manifest: Manifest) -> Mapping[str, str]:
        """The image's labels; of an index, those of its first image."""
        ...

    def platforms(self, manifest: Manifest) -> tuple[str, ...]:
        """The platforms, OS/ARCH[/VARIANT], of an index's images, or the one of an image; none if unknown."""
        ...

    def steps(self, manifest: Manifest) -> tuple[str, ...]:
        """What made each layer of an image, as its builder has written it; nothing if that is unknown."""
        ...

    def tags_of(self, digest: Digest) -> frozenset[Tag]:
        """Every tag that points to this image."""
        ...

    def scanning(self) -> Scanning: ...

    def referrers(
        self, digest: Digest, artifact_type: str, annotations: Mapping[str, str]
    ) -> frozenset[Digest]:
        """The artifacts about the image, of this type ("" for any) with at least these annotations."""
        ...

    def all_referrers(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        """Every artifact whose subject is one of these, and what is attached to those in turn."""
        ...

    def replication_statuses(self, digest: Digest, tag: Tag | None = None) -> tuple[ReplicationStatus, ...]:
        """How far ECR is with copying an image, or one tag of it, to other registries. None in ECR Public."""
        ...

    def signing_statuses(self, digest: Digest) -> tuple[SigningStatus, ...]:
        """How far ECR is with signing an image by itself, for each profile. None in ECR Public."""
        ...


class Writer(Protocol):
    """Changes one repository. Every method may raise RegistryError."""

    def create(self, wanted: WantedRepository) -> RepositoryState:
        """Creates the repository, unless it exists. wanted is ignored where it exists.

        Raises RegistryError also where it was created, and could not be given its lifecycle policy.
        """
        ...

    def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
        """Points tag to manifest; a tag that already does is a success. False: a dry run changed nothing.

        patient: what may pass, such as too many calls, is tried again here; else its caller does that.

        Raises TagTakenError for an immutable tag that names another image.
        """
        ...

    def put_untagged(self, manifest: Manifest, *, patient: bool = True) -> bool:
        """Puts a manifest whose blobs, images and subject are there, without a tag; one that is there is a
        success. False: a dry run changed nothing. patient: see `put_tag`."""
        ...

    def attach(self, artifact: Artifact) -> Attached:
        """Pushes an artifact about an image, unless it is there; says how. A dry run does not."""
        ...

    def remove_tags(self, tags: Sequence[Tag]) -> frozenset[Tag]:
        """Removes tags, and returns those that were there. Removing an image's last tag deletes the image.

        Raises ItemsRefusedError if some of them stay; the others are gone then.
        """
        ...

    def delete_untagged(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        """Deletes images that have no tag, after a look whether that is still so; returns those that went.

        None of them is listed by another one. Raises ItemsRefusedError if some stay; the others are gone.
        """
        ...


class RepositoryClient(Reader, Writer, Protocol):
    """One repository, to ask and to change, with what its capabilities can change."""

    @property
    def scans(self) -> Scans: ...

    @property
    def layers(self) -> Layers: ...
