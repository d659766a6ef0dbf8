"""What both kinds of ECR registry have in common: tokens, the repository itself, and its tags."""

from __future__ import annotations

import base64
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ecr_push.base.clock import Clock
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.distribution import Distribution
from ecr_push.registry.interface import Login, RegistryImage, RepositoryState, WantedRepository
from ecr_push.registry.oci import Manifest

# A push that begins with a token which is about to expire fails half-way.
TOKEN_MARGIN = timedelta(minutes=5)
# The most identifiers that BatchGetImage and BatchDeleteImage take.
BATCH = 100
# The longest page of the operations that list images and tags.
PAGE = 1000


class Logins:
    """Returns the current login and gets a new one shortly before it expires. Thread-safe."""

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
    """The methods of `RepositoryClient` that both kinds of registry implement alike.

    authorization: the scheme of the Authorization header, see `Distribution`.
    """

    def __init__(self, api: RepositoryApi, clock: Clock, authorization: str) -> None:
        self._api = api
        self._logins = Logins(self._new_login, clock)
        self._distribution = Distribution(self.locate, self.login, authorization)

    @abstractmethod
    def _new_login(self) -> Login:
        """Get a new token."""

    @abstractmethod
    def locate(self) -> Repository: ...

    @abstractmethod
    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]: ...

    @abstractmethod
    def _creation(self, wanted: WantedRepository) -> Mapping[str, Any]:
        """Return the parameters of CreateRepository besides the name."""

    @abstractmethod
    def _state(self, described: Mapping[str, Any]) -> RepositoryState:
        """Read the shape Repository of the service model."""

    def login(self) -> Login:
        return self._logins.current()

    def describe(self) -> RepositoryState | None:
        try:
            return self._state(self._api.described())
        except AwsRefusedError as refused:
            if refused.code == "RepositoryNotFoundException":
                return None
            raise

    def create(self, wanted: WantedRepository) -> RepositoryState:
        try:
            answer = self._api.call("create_repository", **self._creation(wanted))
        except AwsRefusedError as refused:
            # Another pipeline may have created it in the meantime.
            state = self.describe() if refused.code == "RepositoryAlreadyExistsException" else None
            if state is None:
                raise
            return state
        return self._state(answer["repository"])

    def labels(self, manifest: Manifest) -> Mapping[str, str]:
        return self._distribution.labels(manifest)

    def put_tag(self, manifest: Manifest, tag: Tag) -> bool:
        """PutImage with the manifest's own bytes; both APIs have it.

        ECR answers ImageAlreadyExists, or ImageTagAlreadyExists where the tag is immutable, even when the
        tag points to this very digest (containers-roadmap#2380). So the digests decide, not the code.
        """
        try:
            self._api.call(
                "put_image",
                imageManifest=manifest.body,
                imageManifestMediaType=manifest.media_type,
                imageDigest=manifest.digest.value,
                imageTag=tag.name,
            )
        except AwsRefusedError as refused:
            if refused.code not in ("ImageAlreadyExistsException", "ImageTagAlreadyExistsException"):
                raise
            points_to = self.digests([tag]).get(tag)
            if points_to != manifest.digest:
                raise RegistryError(
                    f"{tag} cannot be moved",
                    why=f"the repository keeps it at {points_to}: its tags are immutable",
                    remedy="exclude it from the repository's immutability, or leave it out: "
                    "--floating-tags none",
                ) from refused
        return True

    def tags_of(self, digest: Digest) -> frozenset[Tag]:
        answer = self._api.call("describe_images", imageIds=[{"imageDigest": digest.value}])
        return frozenset(Tag(name) for one in answer["imageDetails"] for name in one.get("imageTags") or ())

    def remove_tags(self, tags: Sequence[Tag]) -> None:
        for begin in range(0, len(tags), BATCH):
            self._api.call(
                "batch_delete_image", imageIds=[{"imageTag": tag.name} for tag in tags[begin : begin + BATCH]]
            )


def read_login(token: str, expires_at: datetime, host: str) -> Login:
    """Decode an authorization token, which is base64 of `AWS:PASSWORD`, into the login for docker."""
    username, _, password = base64.b64decode(token).decode().partition(":")
    return Login(host, username, password, expires_at)


def read_images(found: Sequence[Mapping[str, Any]]) -> tuple[RegistryImage, ...]:
    """Return the tagged images in pages of DescribeImages; ECR Public cannot filter by tag status.

    Archived images are not listed unless the request asks for them: shape DescribeImagesFilter.
    """
    return tuple(
        RegistryImage(Digest(one["imageDigest"]), frozenset(one["imageTags"]), one["imagePushedAt"])
        for page in found
        for one in page["imageDetails"]
        if one.get("imageTags")
    )
