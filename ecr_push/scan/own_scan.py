"""A scan that we start ourselves, at most once for an image."""

from __future__ import annotations

from typing import Literal

from ecr_push.base.errors import ScanError
from ecr_push.base.log import Narrator
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.image import PlatformImage
from ecr_push.registry.interface import RepositoryClient
from ecr_push.scan.findings import PlatformScan

# Refusals of StartImageScan after which we can only wait: the limit of one scan a day for an image, and
# enhanced scanning, which has no manual scans.
_NOT_NOW = frozenset({"LimitExceededException", "ValidationException"})
_CANNOT = {
    "UnsupportedImageTypeException": "UNSUPPORTED_IMAGE",
    "ImageArchivedException": "IMAGE_ARCHIVED",
}

Started = Literal["started", "not now", "later"]


def unscannable(image: PlatformImage, status: str, why: str) -> PlatformScan:
    """Returns the result of an image that cannot be scanned."""
    return PlatformScan(image.digest, image.platform, status, unscannable=why)


class OwnScan:
    """Starts a scan of one image. name: for the log.

    is_decided:  it was started or refused, and is not started again.
    has_begun:   it is running.
    is_to_retry: the image did not exist yet, so it is started the next time.
    """

    def __init__(self, name: str, image: PlatformImage, client: RepositoryClient, narrator: Narrator) -> None:
        self._name = name
        self._image = image
        self._client = client
        self._narrator = narrator
        self.is_decided = False
        self.has_begun = False
        self.is_to_retry = False

    def start(self, why: str) -> Started | PlatformScan:
        """Starts the scan. Returns the result at once for an image that cannot be scanned.

        Raises ScanError if nothing may be started, in a dry run.
        """
        try:
            started = self._client.scans.start(self._image.digest)
        except AwsRefusedError as refused:
            if refused.code in _CANNOT:
                return unscannable(self._image, _CANNOT[refused.code], refused.why)
            if refused.code == "ImageNotFoundException":
                self.is_to_retry = True
                return "later"  # right after a push; it exists the next time
            if refused.code not in _NOT_NOW:
                raise
            self.is_decided = True
            self._narrator.say(f"{self._name}: no new scan: {refused.why}")
            return "not now"
        self.is_decided, self.is_to_retry = True, False
        if not started:
            raise ScanError(
                f"{self._name} needs a scan",
                why=f"{why}, and a dry run does not start one",
                remedy="run it without --dry-run",
            )
        self.has_begun = True
        self._narrator.say(f"{self._name}: started a scan: {why}")
        return "started"
