"""The scans of a private repository's images: ECR's answers, in pages, and the events in a queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecr_push.base.clock import Clock
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.scan_api import ScanEvents, ScanReader
from ecr_push.registry.scan_events import QueueEvents

_FINDINGS = "describe_image_scan_findings"
# The longest page of DescribeImageScanFindings.
_PAGE = 1000
# Right after a push, neither the image nor its scan need be visible yet.
_NO_SCAN_YET = frozenset({"ScanNotFoundException", "ImageNotFoundException"})


class EcrScans:
    """See `Scans`. A capability of private registries."""

    def __init__(self, api: RepositoryApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    def start(self, digest: Digest) -> bool:
        # One attempt: botocore takes LimitExceededException, the answer to a second scan within a day,
        # for throttling, and would lose twelve seconds on retries that cannot help.
        self._api.call("start_image_scan", attempts=1, imageId={"imageDigest": digest.value})
        return True

    def page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
        # One attempt: the wait for the scan paces all calls, those after a throttled one too.
        more = {"nextToken": token} if token else {}
        try:
            return self._api.call(_FINDINGS, attempts=1, **_image(digest), **more)
        except AwsRefusedError as refused:
            if refused.code in _NO_SCAN_YET:
                return None
            raise

    def answer(self, digest: Digest) -> Mapping[str, Any] | None:
        try:
            return merge_pages(self._api.pages(_FINDINGS, **_image(digest)))
        except AwsRefusedError as refused:
            if refused.code in _NO_SCAN_YET:
                return None
            raise

    def events(self, queue: str) -> ScanEvents:
        api = self._api
        return QueueEvents(api.aws, queue, api.registry_id, api.name, self._clock)


def _image(digest: Digest) -> dict[str, Any]:
    return {"imageId": {"imageDigest": digest.value}, "maxResults": _PAGE}


class DryScans:
    """See `Scans`. Reads through inner; logs which scan it would have started."""

    def __init__(self, inner: ScanReader, narrator: Narrator) -> None:
        self._inner = inner
        self._narrator = narrator

    def start(self, digest: Digest) -> bool:
        self._narrator.say(f"would start a scan of {digest}")
        return False

    def page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
        return self._inner.page(digest, token)

    def answer(self, digest: Digest) -> Mapping[str, Any] | None:
        return self._inner.answer(digest)

    def events(self, queue: str) -> ScanEvents:
        return self._inner.events(queue)


def merge_pages(found: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Merge pages of DescribeImageScanFindings into one answer. Only the first page has the counts.

    boto3's own paginator turns keys that the answer lacks into None, but their absence has a meaning.
    """
    first = dict(found[0])
    if len(found) > 1 and "imageScanFindings" in first:
        merged = dict(first["imageScanFindings"])
        for name in ("findings", "enhancedFindings"):
            lists = [page.get("imageScanFindings", {}).get(name) for page in found]
            if any(one is not None for one in lists):
                merged[name] = [finding for one in lists for finding in one or ()]
        first["imageScanFindings"] = merged
    first.pop("nextToken", None)
    return first
