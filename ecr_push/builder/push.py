"""BuiltImage -> PushedImage: the candidate in the registry, with one image a platform."""

from __future__ import annotations

from collections.abc import Mapping

from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.builder import docker_engine as engine
from ecr_push.builder.interface import BuiltImage
from ecr_push.registry.image import PlatformImage, PushedImage, describe_pushed
from ecr_push.registry.interface import Reader
from ecr_push.registry.oci import INDEX_TYPES


def push_candidate(
    built: BuiltImage,
    repository: Repository,
    candidate: Tag,
    client: Reader,
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
    return describe_pushed(repository, client.manifest(digest), client.manifest)
