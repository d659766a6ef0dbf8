"""BuiltImage -> PushedImage: the candidate in the registry, with one image for each platform."""

from __future__ import annotations

from ecr_push.base.reference import Repository, Tag
from ecr_push.builder.interface import Builder, BuiltImage
from ecr_push.registry.image import PlatformImage, PushedImage, describe_pushed
from ecr_push.registry.interface import Reader
from ecr_push.registry.oci import INDEX_TYPES


def push_candidate(
    builder: Builder, built: BuiltImage, repository: Repository, candidate: Tag, client: Reader
) -> PushedImage:
    """Pushes the image if the build did not, and finds the image of each platform. Raises RegistryError."""
    digest = builder.push(built, repository, candidate, client.login)
    if built.media_type and built.media_type not in INDEX_TYPES:
        return PushedImage(repository, digest, (PlatformImage(digest),))
    return describe_pushed(repository, client.manifest(digest), client.manifest)
