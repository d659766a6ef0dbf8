"""An image that the user names -> where it is in the registry, and its digest."""

from __future__ import annotations

from ecr_push.base.errors import RegistryError, SettingsError
from ecr_push.base.reference import Digest, ImageName
from ecr_push.registry.image import PushedImage, describe_pushed
from ecr_push.registry.interface import Reader, RepositoryState
from ecr_push.registry.oci import Manifest
from ecr_push.registry.options import RegistryOptions
from ecr_push.registry.target import RepositoryTarget, find_target


def locate(image: ImageName, options: RegistryOptions) -> RepositoryTarget:
    """The repository that an image's name means. A host in the name decides region and registry id."""
    if not image.host:
        return RepositoryTarget(image.name, region=options.region, registry_id=options.registry_id)
    return find_target(f"{image.host}/{image.name}", options.region, options.registry_id)


def find_image(image: ImageName, client: Reader) -> tuple[RepositoryState, Digest]:
    """The repository, and the digest that the name has now. Raises RegistryError where there is none."""
    state = client.describe()
    if state is None:
        raise RegistryError(
            f"there is no repository {image.name}", remedy="check the name, --region and --registry-id"
        )
    if image.digest:
        return state, image.digest
    if image.tag is None:
        raise SettingsError(["IMAGE: neither a tag nor a digest"])
    found = client.digests([image.tag]).get(image.tag)
    if found is None:
        raise RegistryError(f"there is no image {state.repository.tagged(image.tag)}", remedy="check the tag")
    return state, found


def find_runnable(image: ImageName, client: Reader) -> tuple[PushedImage, Manifest]:
    """The image that the name means now. Raises RegistryError where it is a signature or another artifact."""
    state, digest = find_image(image, client)
    manifest = client.manifest(digest)
    pushed = describe_pushed(state.repository, manifest, client.manifest, reused=True)
    if not pushed.images:
        raise RegistryError(
            f"{pushed.reference} is not an image",
            why="it is a signature, a statement or another artifact",
            remedy="name the image that it is about",
        )
    return pushed, manifest
