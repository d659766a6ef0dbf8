"""What we need of a registry, whichever of ECR's two kinds it is: the nouns and the interface.

`registry/` implements `RepositoryClient` for both; `DryRepository` reads and never writes.
"""

from __future__ import annotations

import base64
import fnmatch
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.registry.scan_api import Coverage, EpssPage, ScanEvents

ScanMode = Literal["basic", "enhanced", "none", "unknown"]

INDEX_TYPES = frozenset(
    {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)
MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    *sorted(INDEX_TYPES),
)
_IMAGE_CONFIG_TYPES = frozenset(
    {"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}
)
_IMAGE_LAYER_TYPES = ("application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs.")


@dataclass(frozen=True)
class Login:
    """What docker needs to push. The password is good for twelve hours at the most."""

    host: str
    username: str
    password: str = field(repr=False)
    expires_at: datetime

    @property
    def authorization(self) -> str:
        """The token as GetAuthorizationToken answered it, and as it goes to the registry."""
        return base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    @property
    def secrets(self) -> tuple[str, str]:
        """What no text may show."""
        return (self.password, self.authorization)


@dataclass(frozen=True)
class WantedRepository:
    """The settings of a repository that we create. kms_key is empty for ECR's own AES256."""

    mutability: str
    exclusions: tuple[str, ...]
    kms_key: str = ""
    scan_on_push: bool = True


@dataclass(frozen=True)
class RepositoryState:
    """A repository as it is. mutability is ECR's word; exclusions are its wildcard filters."""

    repository: Repository
    mutability: str = "MUTABLE"
    exclusions: tuple[str, ...] = ()
    scan_on_push: bool = False
    encryption: str = ""

    def freezes(self, tag: Tag) -> bool:
        """Whether ECR would refuse to move this tag once it is there.

        https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
        """
        excluded = any(fnmatch.fnmatchcase(tag.name, pattern) for pattern in self.exclusions)
        return self.mutability.startswith("IMMUTABLE") != excluded


@dataclass(frozen=True)
class Child:
    """One entry of an index. platform is `os/arch[/variant]`, empty where the index does not tell.

    is_artifact: by its media type or artifactType it is no image, such as a layer of a build cache.
    is_claimed:  it only says that it is one of the two. A runtime looks at its platform, and may run it.
    """

    digest: Digest
    platform: str
    is_attestation: bool
    is_artifact: bool = False
    is_claimed: bool = False


@dataclass(frozen=True)
class Manifest:
    """A manifest or an index, with its exact bytes as text: the digest is theirs."""

    digest: Digest
    media_type: str
    body: str

    @property
    def is_index(self) -> bool:
        return self.media_type in INDEX_TYPES

    def children(self) -> tuple[Child, ...]:
        """The entries of an index; none for a manifest."""
        if not self.is_index:
            return ()
        return tuple(_child(entry) for entry in json.loads(self.body).get("manifests", ()))

    @property
    def is_image(self) -> bool:
        """Whether a container could run it, which is what ECR scans.

        A signature of cosign has the configuration of an image, but other layers; an SBOM and the like
        have another configuration. An artifactType keeps no runtime from an image's configuration and layers.
        """
        document = json.loads(self.body)
        config = document.get("config") or {}
        layers = [str(layer.get("mediaType", "")) for layer in document.get("layers") or ()]
        return (
            not self.is_index
            and (config.get("mediaType") or document.get("artifactType") or "") in ("", *_IMAGE_CONFIG_TYPES)
            and all(layer.startswith(_IMAGE_LAYER_TYPES) for layer in layers)
        )

    @property
    def config_digest(self) -> Digest | None:
        config = json.loads(self.body).get("config") or {}
        return Digest(config["digest"]) if "digest" in config else None


def _child(entry: Mapping[str, Any]) -> Child:
    platform = entry.get("platform") or {}
    parts = (platform.get("os", ""), platform.get("architecture", ""), platform.get("variant", ""))
    annotated = (entry.get("annotations") or {}).get("vnd.docker.reference.type") == "attestation-manifest"
    typed = entry.get("artifactType", "") not in ("", *_IMAGE_CONFIG_TYPES)
    unknown = parts[:2] == ("unknown", "unknown")
    can_be_run = entry.get("mediaType", MANIFEST_TYPES[0]) in MANIFEST_TYPES
    return Child(
        Digest(entry["digest"]),
        "/".join(part for part in parts if part),
        is_attestation=annotated or unknown,
        is_artifact=typed or not can_be_run,
        is_claimed=(annotated or typed) and not unknown and can_be_run,
    )


@dataclass(frozen=True)
class RegistryImage:
    """A tagged image as the registry lists it.

    pushed_at is the manifest's own first push: no tag that comes or goes later changes it
    (aws/containers-roadmap#214, #2746), and what a tag pointed to before is kept nowhere.
    """

    digest: Digest
    tags: frozenset[str]
    pushed_at: datetime


@dataclass(frozen=True)
class Scanning:
    """How the registry scans this repository.

    mode is the registry's setting, never guessed from a scan's answer. frequency is ECR's word:
    SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL; empty where we may not know.
    """

    mode: ScanMode
    frequency: str = ""


class RepositoryClient(Protocol):
    """One repository of a registry. Every method may raise RegistryError."""

    def login(self) -> Login: ...

    def describe(self) -> RepositoryState | None:
        """None when the repository does not exist."""
        ...

    def locate(self) -> Repository:
        """Where the repository is, or would be once it is created."""
        ...

    def create(self, wanted: WantedRepository) -> RepositoryState: ...

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        """Where these tags point; a tag that is not there is left out."""
        ...

    def tag_names(self) -> frozenset[str]:
        """Every tag of the repository."""
        ...

    def images(self) -> tuple[RegistryImage, ...]:
        """Every tagged image of the repository that can be pulled, in no order."""
        ...

    def manifest(self, digest: Digest) -> Manifest: ...

    def labels(self, manifest: Manifest) -> Mapping[str, str]:
        """The image's labels; of an index, those of its first image."""
        ...

    def put_tag(self, manifest: Manifest, tag: Tag) -> bool:
        """Points tag to manifest. A tag that already does is a success. False: a dry run wrote nothing."""
        ...

    def tags_of(self, digest: Digest) -> frozenset[Tag]:
        """Every tag that points to this image."""
        ...

    def remove_tags(self, tags: Sequence[Tag]) -> None:
        """Takes tags away. The caller knows that the image has another: the last one takes it along."""
        ...

    def scanning(self) -> Scanning: ...

    def start_scan(self, digest: Digest) -> bool:
        """Raises AwsRefusedError where ECR does not let us. False: a dry run started nothing."""
        ...

    def scan_page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
        """One page of DescribeImageScanFindings, the first without a token; None while there is no scan.

        It is asked once: whoever waits decides when to ask again.
        """
        ...

    def scan_answer(self, digest: Digest) -> Mapping[str, Any] | None:
        """DescribeImageScanFindings with all pages in one; None while there is no scan."""
        ...

    def coverage(self, digest: Digest) -> Coverage | None:
        """What Inspector says of this image; None where it does not know it."""
        ...

    def epss_page(self, digest: Digest, token: str = "") -> EpssPage: ...

    def scan_events(self, queue: str) -> ScanEvents:
        """queue is a name, or a URL."""
        ...


class DryRepository:
    """Reads like the repository it wraps, and only says what it would have written."""

    def __init__(self, inner: RepositoryClient, narrator: Narrator) -> None:
        self._inner = inner
        self._narrator = narrator

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def put_tag(self, manifest: Manifest, tag: Tag) -> bool:
        return False

    def remove_tags(self, tags: Sequence[Tag]) -> None:
        self._narrator.say(f"would remove {', '.join(map(str, tags))}")

    def start_scan(self, digest: Digest) -> bool:
        self._narrator.say(f"would start a scan of {digest}")
        return False
