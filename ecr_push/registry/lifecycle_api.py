"""What can be asked about the lifecycle policy of a private repository: nouns and interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest
from ecr_push.registry.stored_image import StoredImage


@dataclass(frozen=True)
class PreviewedImage:
    """What ECR's own preview says of an image. action: EXPIRE or TRANSITION, shape ImageActionType."""

    digest: Digest
    action: str
    priority: int


class LifecycleReader(Protocol):
    """Asks, and changes nothing. Every method may raise RegistryError."""

    def policy(self) -> str:
        """The repository's policy, as JSON; "" where it has none."""
        ...

    def images(self, *, layers: bool = False) -> tuple[StoredImage, ...]:
        """Everything that the repository keeps, with the images that an index lists.

        layers: with the layers of each image, too. They are in its manifest, and to read a manifest is a
        pull: ECR may record it as the image's last one. The indexes are read in any case.
        """
        ...

    def preview(self, policy: str) -> Mapping[Digest, PreviewedImage]:
        """What ECR itself would do under this policy, by its preview, which takes seconds to minutes.

        Replaces the repository's earlier preview, and nothing else.
        """
        ...
