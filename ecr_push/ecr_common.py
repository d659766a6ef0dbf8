"""What both of ECR's registries have in common: their tokens, PutImage, and answers in pages."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ecr_push.aws import AwsRefusedError
from ecr_push.clock import Clock
from ecr_push.ecr import Login, Manifest
from ecr_push.errors import RegistryError
from ecr_push.reference import Tag

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
