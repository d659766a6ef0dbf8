"""What both of ECR's registries have in common: their tokens, PutImage, and answers in pages."""

from __future__ import annotations

import base64
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ecr_push.base.clock import Clock
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.aws.client import AwsRefusedError
from ecr_push.registry.distribution import Distribution
from ecr_push.registry.interface import Login, Manifest, RegistryImage

# A push that begins with a token which is about to expire fails half-way.
TOKEN_MARGIN = timedelta(minutes=5)


class Logins:
    """The present login, a new one where the last is good for no more than some minutes. Thread-safe."""

    def __init__(self, ask: Callable[[], Login], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._login: Login | None = None

    def current(self) -> Login:
        with self._lock:
            if self._login is None or self._login.expires_at - self._clock.now() < TOKEN_MARGIN:
                self._login = self._ask()
            return self._login


class CommonRepository(ABC):
    """What `RepositoryClient` asks and both kinds of registry do alike, each through its own `_call`."""

    _logins: Logins
    _distribution: Distribution

    @abstractmethod
    def _call(self, operation: str, *, named: bool = True, **parameters: Any) -> dict[str, Any]:
        """One call of the registry's API, on this repository if named. Raises as `aws.call` does."""

    @abstractmethod
    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]: ...

    def login(self) -> Login:
        return self._logins.current()

    def labels(self, manifest: Manifest) -> Mapping[str, str]:
        return self._distribution.labels(manifest)

    def put_tag(self, manifest: Manifest, tag: Tag) -> bool:
        put_tag(self._call, self.digests, manifest, tag)
        return True

    def tags_of(self, digest: Digest) -> frozenset[Tag]:
        answer = self._call("describe_images", imageIds=[{"imageDigest": digest.value}])
        return frozenset(Tag(name) for one in answer["imageDetails"] for name in one.get("imageTags") or ())

    def remove_tags(self, tags: Sequence[Tag]) -> None:
        for begin in range(0, len(tags), 100):  # the limit of BatchDeleteImage
            self._call(
                "batch_delete_image", imageIds=[{"imageTag": tag.name} for tag in tags[begin : begin + 100]]
            )


def read_login(token: str, expires_at: datetime, host: str) -> Login:
    """An authorization token, base64 of `AWS:PASSWORD`, as docker takes it."""
    username, _, password = base64.b64decode(token).decode().partition(":")
    return Login(host, username, password, expires_at)


def put_tag(call: Any, digests: Any, manifest: Manifest, tag: Tag) -> None:
    """PutImage with the manifest's own bytes; both registries' APIs have it.

    ECR answers ImageAlreadyExists, or ImageTagAlreadyExists where the tag is immutable, even when the
    tag points to this very digest (containers-roadmap#2380). So the digests decide, not the code.
    """
    try:
        call(
            "put_image",
            imageManifest=manifest.body,
            imageManifestMediaType=manifest.media_type,
            imageDigest=manifest.digest.value,
            imageTag=tag.name,
        )
    except AwsRefusedError as refused:
        if refused.code not in ("ImageAlreadyExistsException", "ImageTagAlreadyExistsException"):
            raise
        points_to = digests([tag]).get(tag)
        if points_to == manifest.digest:
            return
        raise RegistryError(
            f"{tag} cannot be moved",
            why=f"the repository keeps it at {points_to}: its tags are immutable",
            remedy="exclude it from the repository's immutability, or leave it out: --floating-tags none",
        ) from refused


def read_images(found: Sequence[Mapping[str, Any]]) -> tuple[RegistryImage, ...]:
    """The tagged images in pages of DescribeImages, which ECR Public cannot be asked for alone.

    Archived images are not listed unless one asks for them: shape DescribeImagesFilter.
    """
    return tuple(
        RegistryImage(Digest(one["imageDigest"]), frozenset(one["imageTags"]), one["imagePushedAt"])
        for page in found
        for one in page["imageDetails"]
        if one.get("imageTags")
    )


def merge_pages(found: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Pages of DescribeImageScanFindings as one answer. The counts come on the first page only.

    boto3's own paginator turns keys that the answer lacks into None, and their absence means something.
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
