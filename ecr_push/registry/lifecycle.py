"""The lifecycle policy of a private repository, ECR's preview of it, and what it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ecr_push.base.clock import Clock
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.base.shape import (
    count,
    each,
    each_text,
    member,
    optional_text,
    optional_time,
    parsed,
    text,
    time,
)
from ecr_push.registry.api import RepositoryApi, or_nothing
from ecr_push.registry.archive import any_status
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.common import BATCH, PAGE
from ecr_push.registry.lifecycle_api import PreviewedImage
from ecr_push.registry.oci import INDEX_TYPES, MANIFEST_TYPES, Manifest, read_manifest
from ecr_push.registry.stored_image import StoredImage

_PREVIEW_PAGE = 100
_ASK_EVERY_SECONDS = 5.0  # as botocore's waiter lifecycle_policy_preview_complete does
_PREVIEW_SECONDS = 600.0


class EcrLifecycle:
    """See `LifecycleReader`. A capability of private registries."""

    def __init__(self, api: RepositoryApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    def policy(self) -> str:
        return or_nothing(
            lambda: self._api.read(
                "get_lifecycle_policy", lambda answer: text(answer, "lifecyclePolicyText")
            ),
            "LifecyclePolicyNotFoundException",
            "",
        )

    def images(self, *, layers: bool = False) -> tuple[StoredImage, ...]:
        return read_stored_images(self._api, layers=layers)

    def preview(self, policy: str) -> Mapping[Digest, PreviewedImage]:
        try:
            self._api.call("start_lifecycle_policy_preview", lifecyclePolicyText=policy)
        except AwsRefusedError as refused:
            if refused.code != "LifecyclePolicyPreviewInProgressException":
                raise
            raise RegistryError(
                "ECR's preview cannot be started",
                why="another one of this repository is in progress",
                remedy="run again in a minute",
            ) from refused
        until = self._clock.monotonic() + _PREVIEW_SECONDS
        while (status := self._status()) != "COMPLETE":
            if status != "IN_PROGRESS" or self._clock.monotonic() >= until:
                raise RegistryError(
                    "ECR's preview has no result",
                    why=f"its status is {status}",
                    remedy="run again, or without --preview",
                )
            self._clock.sleep(_ASK_EVERY_SECONDS)
        found = self._api.read_pages(
            "get_lifecycle_policy_preview",
            lambda page: each(_previewed, page, "previewResults"),
            maxResults=_PREVIEW_PAGE,
        )
        return {one.digest: one for page in found for one in page}

    def _status(self) -> str:
        return self._api.read(
            "get_lifecycle_policy_preview", lambda answer: optional_text(answer, "status"), maxResults=1
        )


def _previewed(result: Mapping[str, Any]) -> PreviewedImage:
    return PreviewedImage(
        parsed(Digest, result, "imageDigest"),
        text(result, "action", "type"),
        count(result, "appliedRulePriority"),
    )


def read_stored_images(api: RepositoryApi, *, layers: bool) -> tuple[StoredImage, ...]:
    """Every image of the repository, in no particular order. Raises RegistryError.

    DescribeImages for a thousand of them a call, BatchGetImage for a hundred indexes, or images if the layers
    are asked for.
    """
    status = any_status(api, "describe_images")
    pages = api.read_pages(
        "describe_images",
        lambda page: each(_stored, page, "imageDetails", required=True),
        maxResults=PAGE,
        **({"filter": status} if status else {}),
    )
    images = {image.digest: image for page in pages for image in page}
    read = [
        one.digest
        for one in images.values()
        if one.status == "ACTIVE" and (layers or one.media_type in INDEX_TYPES)
    ]
    for manifest in _manifests(api, read):
        if manifest.digest in images:
            children = tuple(child.digest for child in manifest.children())
            images[manifest.digest] = replace(
                images[manifest.digest], children=children, blobs=manifest.blobs
            )
    return tuple(images.values())


def _stored(detail: Mapping[str, Any]) -> StoredImage:
    size = member(detail, "imageSizeInBytes")
    about = optional_text(detail, "subjectManifestDigest")
    return StoredImage(
        parsed(Digest, detail, "imageDigest"),
        frozenset(tag.name for tag in each_text(Tag, detail, "imageTags")),
        time(detail, "imagePushedAt"),
        optional_text(detail, "imageStatus") or "ACTIVE",
        size if type(size) is int and size > 0 else 0,
        optional_text(detail, "imageManifestMediaType"),
        optional_time(detail, "lastRecordedPullTime"),
        optional_time(detail, "lastArchivedAt"),
        optional_time(detail, "lastActivatedAt"),
        parsed(Digest, detail, "subjectManifestDigest") if about else None,
    )


def _manifests(api: RepositoryApi, digests: Sequence[Digest]) -> Iterator[Manifest]:
    for begin in range(0, len(digests), BATCH):
        yield from api.read(
            "batch_get_image",
            lambda answer: each(_manifest, answer, "images", required=True),
            imageIds=[{"imageDigest": digest.value} for digest in digests[begin : begin + BATCH]],
            acceptedMediaTypes=list(MANIFEST_TYPES),
        )


def _manifest(image: Mapping[str, Any]) -> Manifest:
    digest = parsed(Digest, image, "imageId", "imageDigest")
    return read_manifest(digest, text(image, "imageManifestMediaType"), text(image, "imageManifest"))
