"""Images that were not built: put into the sandbox with the labels and tags that a test wants."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from tests.support import images
from tests.support.registry import REPOSITORY, Registry

OURS = {"ecr-push.build-inputs": "0123456789abcdef", "org.opencontainers.image.revision": "a" * 40}
STAGING = "team/staging"


class Shelf:
    """Puts images with labels into a repository, by crane alone: no engine is needed."""

    def __init__(self, registry: Registry, folder: Path) -> None:
        self._registry = registry
        self._folder = folder
        registry.create(STAGING, scan_on_push=False)

    def put(
        self, *tags: str, labels: Mapping[str, str] = OURS, files: images.Files = images.CLEAN, to: str = ""
    ) -> str:
        """An image with these tags, whose digest comes back; by default in the private repository."""
        layer = self._folder / f"{tags[0]}.tar"
        with tarfile.open(layer, "w") as archive:
            for name, text in {**files, "rootfs/name": tags[0]}.items():
                entry = tarfile.TarInfo(name.removeprefix("rootfs/"))
                entry.size = len(text.encode())
                archive.addfile(entry, BytesIO(text.encode()))
        host, ask = self._registry.sandbox.host, self._registry.client.ask
        staged, image = f"{host}/{STAGING}:{tags[0]}", f"{to or f'{host}/{REPOSITORY}'}:{tags[0]}"
        ask("crane", "append", "--oci-empty-base", "--new_layer", str(layer), "--new_tag", staged)
        own = {"org.opencontainers.image.version": tags[0], "ecr-push.commit": tags[0].removeprefix("sha-")}
        labels = {**own, **labels} if labels else {}
        given = [part for name, text in labels.items() for part in ("--label", f"{name}={text}")]
        ask("crane", "mutate", staged, *given, "--tag", staged)
        ask("crane", "copy", staged, image)
        for tag in tags[1:]:
            ask("crane", "tag", image, tag)
        return ask("crane", "digest", image)
