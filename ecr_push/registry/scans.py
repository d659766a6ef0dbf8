"""The scans of a private repository's images: ECR's answers, in pages, and the events in a queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecr_push.base.clock import Clock
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest
from ecr_push.base.shape import OddValueError, items, mapping, member
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.scan_api import ImageMissingError, ScanEvents, ScanReader

_FINDINGS = "describe_image_scan_findings"
_BODY = "imageScanFindings"
# The longest page of DescribeImageScanFindings.
_PAGE = 1000
# Right after a push, neither the image nor its scan need be visible yet.
_NO_SCAN, _NO_IMAGE = "ScanNotFoundException", "ImageNotFoundException"


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
            if refused.code == _NO_SCAN:
                return None
            if refused.code == _NO_IMAGE:
                raise ImageMissingError(f"{digest} is not in the registry", why=refused.why) from refused
            raise

    def answer(self, digest: Digest) -> Mapping[str, Any] | None:
        try:
            found = self._api.pages(_FINDINGS, **_image(digest))
            return self._api.reading(_FINDINGS, lambda _: merge_pages(found), found[0])
        except AwsRefusedError as refused:
            if refused.code in (_NO_SCAN, _NO_IMAGE):
                return None
            raise

    def events(self, queue: str) -> ScanEvents:
        from ecr_push.registry.scan_events import QueueEvents

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
    # What a later page alone has is kept: a list of findings that is not known may stand there.
    whole = {name: one for page in reversed(found) for name, one in page.items()}
    bodies = [mapping(page, _BODY) for page in found]
    if len(found) > 1 and any(bodies):
        merged = {name: one for body in reversed(bodies) for name, one in body.items()}
        merged.pop("findingSeverityCounts", None)
        merged |= {name: one for name, one in bodies[0].items() if name == "findingSeverityCounts"}
        for name in ("findings", "enhancedFindings"):
            if any(body.get(name) is not None for body in bodies):
                merged[name] = [finding for body in bodies for finding in items(body, name)]
        whole[_BODY] = merged
    if any(_version(page) != _version(found[0]) for page in found):
        raise OddValueError("imageScanStatus", "is another one on a later page: the scan went on meanwhile")
    whole.pop("nextToken", None)
    return whole


def _version(page: Mapping[str, Any]) -> Any:
    return member(page, "imageScanStatus")
