"""Refuses what the service that will run the image would refuse of it, before a tag moves."""

from __future__ import annotations

from collections.abc import Callable

from ecr_push.base.errors import BuildError
from ecr_push.builder.compression import Compression
from ecr_push.builder.fitness import NAMES, doubts_as_pushed, refused_as_pushed
from ecr_push.builder.profile import Profile
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.record import Record
from ecr_push.registry.interface import Reader
from ecr_push.registry.oci import Manifest


def check_pushed(
    profile: Profile, read: Callable[[], Manifest], client: Reader, tools: Tools, record: Record
) -> None:
    """Raises BuildError with all that the service would refuse of the image: no tag has moved then.

    Asks nothing where any service may run it. Raises RegistryError for an image that cannot be read.
    """
    if profile == "any":
        return
    with record.phase("fit"):
        manifest = read()
        problems = list(refused_as_pushed(profile, manifest, client.platforms(manifest)))
        if problems:
            raise BuildError(
                f"{NAMES[profile]} would refuse this image",
                why="\n".join(problems),
                remedy="change the Dockerfile or the build, or leave --for out",
            )
        for doubt in doubts_as_pushed(profile, manifest):
            tools.narrator.warn(f"--for {profile}: {doubt}")


def check_compression(
    wanted: Compression, read: Callable[[], Manifest], client: Reader, tools: Tools, record: Record
) -> None:
    """Warns of pushed layers that are not compressed as wanted. Asks nothing where nothing is wanted.

    Raises RegistryError for an image that cannot be read.
    """
    if not wanted.kind:
        return
    with record.phase("fit"):
        whole = read()
        children = (one for one in whole.children() if one.platform and not one.is_attestation)
        images = [client.manifest(one.digest) for one in children] or [whole]
        for doubt in wanted.doubts([kind for image in images for kind in image.layer_types]):
            tools.narrator.warn(doubt)
