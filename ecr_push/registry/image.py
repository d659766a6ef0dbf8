"""A manifest or an index in the registry -> the images in it that can be scanned, one per platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest, Repository
from ecr_push.registry.oci import Manifest


@dataclass(frozen=True)
class PlatformImage:
    """One image that can be scanned. platform is empty for a manifest without an index."""

    digest: Digest
    platform: str = ""


@dataclass(frozen=True)
class PushedImage:
    """A pushed image: a manifest, or an index of several. reused: an earlier run pushed it."""

    repository: Repository
    digest: Digest
    images: tuple[PlatformImage, ...]
    is_index: bool = False
    reused: bool = False

    @property
    def reference(self) -> str:
        return self.repository.pinned(self.digest)


def describe_pushed(
    repository: Repository,
    manifest: Manifest,
    read: Callable[[Digest], Manifest],
    *,
    reused: bool = False,
) -> PushedImage:
    """Return the images behind a manifest; none where it belongs to a signature or another artifact.

    Attestations, signatures and caches in an index are not images and cannot be scanned. read gets the
    manifest of an entry where the index does not show what it is, or only in fields that a runtime ignores.
    """
    found = _images(manifest, read) if manifest.is_index else ()
    images = (PlatformImage(manifest.digest),) if manifest.is_image else tuple(dict.fromkeys(found))
    return PushedImage(repository, manifest.digest, images, is_index=manifest.is_index, reused=reused)


def _images(manifest: Manifest, read: Callable[[Digest], Manifest]) -> Iterator[PlatformImage]:
    for child in manifest.children():
        if (child.is_attestation or child.is_artifact) and not child.is_claimed:
            continue
        if child.platform and not child.is_claimed:
            yield PlatformImage(child.digest, child.platform)
            continue
        found = read(
            child.digest
        )  # an index within the index, an image, or an artifact of `oras` or `cosign`
        if found.is_index:
            yield from _images(found, read)
        elif found.may_be_run:
            yield PlatformImage(found.digest, child.platform)
