"""The image that is deployed, and what a service must know of it before it gets it."""

from __future__ import annotations

from collections.abc import Callable

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Registry
from ecr_push.delivery.edit import Deployed
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader
from ecr_push.registry.oci import Manifest


@dataclass(frozen=True)
class ImageToDeploy:
    """pushed: with its platforms, such as `linux/arm64`, one of which is "" where it is not known.

    manifest, client: for what only one service asks.
    policy: reads the repository's, JSON, "" for none; None for a public repository.
    """

    pushed: PushedImage
    platforms: tuple[str, ...]
    manifest: Manifest
    client: Reader
    policy: Callable[[], str] | None = None

    @property
    def deployed(self) -> Deployed:
        return Deployed(self.pushed.repository.uri, self.pushed.digest)

    @property
    def registry(self) -> Registry:
        return self.pushed.repository.registry

    def runs_on(self, system: str, architecture: str) -> bool:
        """Whether it has an image for them; where its platforms are not known, it is believed."""
        found = {tuple(one.split("/")[:2]) for one in self.platforms if one}
        return not found or (system, architecture) in found
