"""Scans one image: its manifest -> its packages -> the advisories that affect them."""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import BinaryIO

from ecr_push.sandbox.advisories import AdvisoriesError, AdvisoryDatabase, Match, TooManyFindingsError
from ecr_push.sandbox.inventory import (
    InstalledPackage,
    OperatingSystem,
    UnreadableImageError,
    UnsupportedImageError,
    read_inventory,
)
from ecr_push.sandbox.model import Image

_LOG = logging.getLogger(__name__)
_MAX_CONFIG_BYTES = 8 * 1024 * 1024
_CONFIG_TYPES = frozenset(
    {"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}
)
_LAYER_TYPES = (
    "application/vnd.oci.image.layer.",
    "application/vnd.docker.image.rootfs.",
)
_PLATFORMS = {"alpine": "ALPINE_LINUX"}


@dataclass(frozen=True)
class ScanOutcome:
    """The result of a scan. failure is the reason of a failed scan; then the rest is empty.

    unsupported:  the scan failed because the scanner does not know the image's operating system.
    platform:     as Inspector spells it, such as `DEBIAN_12`.
    """

    failure: str = ""
    unsupported: bool = False
    packages: tuple[InstalledPackage, ...] = ()
    findings: tuple[Match, ...] = ()
    architecture: str = ""
    platform: str = ""


def is_scannable(image: Image) -> bool:
    """Whether ECR scans it: a container image, not an index, attestation, signature or other artifact."""
    return (
        image.config is not None
        and image.config.media_type in _CONFIG_TYPES
        and all(layer.media_type.startswith(_LAYER_TYPES) for layer in image.layers)
    )


class ImageScanner:
    """Scans images one after another, each content once, in a daemon thread that ends with the process."""

    def __init__(self, open_blob: Callable[[str], BinaryIO], advisories: AdvisoryDatabase) -> None:
        self._open_blob = open_blob
        self._advisories = advisories
        self._lock = threading.Lock()
        self._outcomes: dict[str, Future[ScanOutcome]] = {}
        self._jobs: queue.SimpleQueue[tuple[Image, Future[ScanOutcome]] | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="scanner", daemon=True).start()

    def submit(self, image: Image) -> Future[ScanOutcome]:
        """Returns the result of this image, in any repository. A failed scan is tried again."""
        with self._lock:
            known = self._outcomes.get(image.digest)
            if known and not (known.done() and known.result().failure):
                return known
            future = self._outcomes[image.digest] = Future()
        self._jobs.put((image, future))
        return future

    def close(self) -> None:
        """Start no further scan. A running one is not awaited."""
        self._jobs.put(None)

    def _work(self) -> None:
        while job := self._jobs.get():
            image, future = job
            future.set_result(scan_image(image, self._open_blob, self._advisories))


def scan_image(
    image: Image, open_blob: Callable[[str], BinaryIO], advisories: AdvisoryDatabase
) -> ScanOutcome:
    """Read all of an image's layers, which takes as long as decompressing them. Never raises."""
    try:
        inventory = read_inventory([layer.digest for layer in image.layers], open_blob)
        return ScanOutcome(
            packages=inventory.packages,
            findings=advisories.matches(inventory.packages),
            architecture=_architecture(image, open_blob),
            platform=_platform(inventory.operating_system),
        )
    except UnsupportedImageError:
        # ECR's own message.
        return ScanOutcome(
            "UnsupportedImageError: The operating system and/or package manager are not supported.",
            unsupported=True,
        )
    except (UnreadableImageError, AdvisoriesError, TooManyFindingsError) as error:
        return ScanOutcome(f"{type(error).__name__}: {error}")
    except Exception as defect:
        _LOG.exception("the scanner failed on %s", image.digest)
        return ScanOutcome(f"internal error of the sandbox's scanner: {defect!r}")


def _architecture(image: Image, open_blob: Callable[[str], BinaryIO]) -> str:
    if image.config is None:
        return ""
    try:
        with open_blob(image.config.digest) as blob:
            document = json.loads(blob.read(_MAX_CONFIG_BYTES))
        return str(document["architecture"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableImageError(f"could not read the image's configuration ({error!r})") from error


def _platform(system: OperatingSystem) -> str:
    name = _PLATFORMS.get(system.id, system.id.upper())
    # The major version for Debian, major and minor for all others.
    numbers = system.release.split(".")[: 1 if system.id == "debian" else 2]
    return "_".join((name, *(it for it in numbers if it)))
