"""BuiltImage -> PushedImage: the candidate in the registry, with one image a platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ecr_push import engine
from ecr_push.build import BuiltImage
from ecr_push.ecr import INDEX_TYPES, Manifest, RepositoryClient
from ecr_push.narration import Narrator
from ecr_push.reference import Digest, Repository, Tag


@dataclass(frozen=True)
class PlatformImage:
    """One image that can be scanned. platform is empty where there is only one."""

    digest: Digest
    platform: str = ""


@dataclass(frozen=True)
class PushedImage:
    """What is in the registry: a manifest, or an index over several. reused: an earlier run pushed it."""

    repository: Repository
    digest: Digest
    images: tuple[PlatformImage, ...]
    is_index: bool = False
    reused: bool = False

    @property
    def reference(self) -> str:
        return self.repository.pinned(self.digest)


def push_candidate(
    built: BuiltImage,
    repository: Repository,
    candidate: Tag,
    client: RepositoryClient,
    environ: Mapping[str, str],
    narrator: Narrator,
) -> PushedImage:
    """Pushes what is not pushed yet, and finds the images of each platform. Raises RegistryError."""
    if built.digest:
        digest = Digest(built.digest)
    else:
        digest = engine.push(engine.connect(environ), repository, candidate, client.login(), narrator)
    if built.media_type and built.media_type not in INDEX_TYPES:
        return PushedImage(repository, digest, (PlatformImage(digest),))
    return describe_pushed(repository, client.manifest(digest))


def describe_pushed(repository: Repository, manifest: Manifest, *, reused: bool = False) -> PushedImage:
    """The images behind a manifest. Attestations are no images: they have nothing to scan."""
    if not manifest.is_index:
        return PushedImage(repository, manifest.digest, (PlatformImage(manifest.digest),), reused=reused)
    images = tuple(
        PlatformImage(child.digest, child.platform)
        for child in manifest.children()
        if not child.is_attestation
    )
    return PushedImage(repository, manifest.digest, images, is_index=True, reused=reused)
