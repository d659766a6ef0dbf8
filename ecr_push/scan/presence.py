"""Whether the image whose scan is awaited is still there.

Right after a push ECR may not know the image yet. Once it was seen, or after some seconds, an image that is
not found has been deleted: there will be no scan, however long one waits.
"""

from __future__ import annotations

from ecr_push.base.clock import Clock
from ecr_push.base.errors import AuthenticationError, ScanError
from ecr_push.base.reference import Digest
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.interface import Reader

# How long an image that was pushed may not be found. BatchGetImage is given hardly longer; see `private.py`.
VISIBLE_SECONDS = 10.0


class Presence:
    """Of one image. name: for the error."""

    def __init__(self, name: str, digest: Digest, client: Reader, clock: Clock) -> None:
        self._name = name
        self._digest = digest
        self._client = client
        self._clock = clock
        self._began = clock.monotonic()
        self._seen = False

    def seen(self) -> None:
        """ECR answered about the image, if only that it has no scan."""
        self._seen = True

    def check(self) -> None:
        """Asks a second operation about an image that was not found. Raises ScanError if it was deleted."""
        late = self._clock.monotonic() - self._began >= VISIBLE_SECONDS
        if not (self._seen or late) or self._is_there():
            return
        raise ScanError(
            f"the image {self._name} was deleted while its scan was awaited"
            if self._seen
            else f"the image {self._name} is not in the registry",
            why=f"ECR no longer finds {self._digest}: someone, another job or a lifecycle rule removed it "
            "or its last tag",
            remedy="run again, which builds and pushes it again; CloudTrail shows who removed it: "
            "BatchDeleteImage, or PolicyExecutionEvent of a lifecycle rule",
        )

    def _is_there(self) -> bool:
        try:
            self._client.tags_of(self._digest)
        except AuthenticationError:
            return not self._seen  # we may not ask, so the answer about the scan has to do
        except AwsRefusedError as refused:
            if refused.code == "ImageNotFoundException":
                return False
            raise
        return True
