"""What both kinds of ECR registry have in common: the repository itself, and its tags."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from ecr_push.base.clock import Clock
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.base.shape import each, each_text, inside, optional_text, parsed, time
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.artifact import Artifact, Attached
from ecr_push.registry.attach import attach
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.session import ATTEMPTS
from ecr_push.registry.distribution import Distribution
from ecr_push.registry.interface import (
    Login,
    RegistryImage,
    RepositoryState,
    TagTakenError,
    WantedRepository,
)
from ecr_push.registry.layers import EcrLayers
from ecr_push.registry.logins import Logins
from ecr_push.registry.oci import Manifest
from ecr_push.registry.wire import Wire

# The most identifiers that BatchGetImage and BatchDeleteImage take.
BATCH = 100
# PutImage of a tag that is there, and elsewhere when it is looked up, because another run was faster.
PUT_ATTEMPTS = 3
# The longest page of the operations that list images and tags.
PAGE = 1000


class CommonRepository(ABC):
    """The methods of `RepositoryClient` that both kinds of registry implement alike.

    authorization: the scheme of the Authorization header, see `Wire`.
    """

    def __init__(self, api: RepositoryApi, clock: Clock, authorization: str) -> None:
        self._api = api
        self._logins = Logins(self._new_login, clock)
        self._wire = Wire(
            *(self.locate, self.login, self._logins.renew, authorization, lambda: api.aws.authorities)
        )
        self._distribution = Distribution(self._wire, clock)

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
        """Read the shape Repository of the service model. Raises OddValueError."""

    def login(self) -> Login:
        return self._logins.current()

    def reach(self) -> str:
        return self._wire.reach()

    def describe(self) -> RepositoryState | None:
        try:
            return self._api.described(self._state)
        except AwsRefusedError as refused:
            if refused.code == "RepositoryNotFoundException":
                return None
            raise

    def create(self, wanted: WantedRepository) -> RepositoryState:
        try:
            created = self._api.read(
                "create_repository",
                lambda answer: inside(self._state, answer, "repository"),
                **self._creation(wanted),
            )
        except AwsRefusedError as refused:
            # Another pipeline may have created it in the meantime, or a try of ours, or of the SDK's, whose
            # answer was lost: then no one else gives it its policies. To put the same ones twice is harmless.
            state = self.describe() if refused.code == "RepositoryAlreadyExistsException" else None
            if state is None:
                raise
            created = state
        from ecr_push.registry.creation import put_the_rest  # few runs create one

        put_the_rest(self._api, wanted)
        return created

    def blob(self, digest: Digest) -> bytes:
        return self._distribution.blob(digest)

    @cached_property
    def layers(self) -> EcrLayers:
        return EcrLayers(self._api, self._wire)

    def labels(self, manifest: Manifest) -> Mapping[str, str]:
        return self._distribution.labels(manifest)

    def platforms(self, manifest: Manifest) -> tuple[str, ...]:
        return self._distribution.platforms(manifest)

    def steps(self, manifest: Manifest) -> tuple[str, ...]:
        return self._distribution.steps(manifest)

    def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
        """PutImage with the manifest's own bytes; both APIs have it.

        ECR answers ImageAlreadyExists, or ImageTagAlreadyExists where the tag is immutable, even when the
        tag points to this very digest (containers-roadmap#2380). So the digests decide, not the code.
        """
        points_to: Digest | None = None
        for _ in range(PUT_ATTEMPTS):
            try:
                answer = self._api.call(
                    "put_image",
                    attempts=ATTEMPTS if patient else 1,
                    imageManifest=manifest.body,
                    imageManifestMediaType=manifest.media_type,
                    imageDigest=manifest.digest.value,
                    imageTag=tag.name,
                )
            except AwsRefusedError as refused:
                if refused.code not in ("ImageAlreadyExistsException", "ImageTagAlreadyExistsException"):
                    raise
                points_to = self.digests([tag]).get(tag)
                if points_to == manifest.digest:
                    return True
                if points_to and refused.code == "ImageTagAlreadyExistsException":
                    raise TagTakenError(tag, points_to) from refused
                # Otherwise another run moved or removed the tag between the two answers.
            else:
                _check_put(answer, manifest.digest, tag)
                return True
        if points_to:
            raise TagTakenError(tag, points_to)
        raise RegistryError(
            f"{tag} cannot be moved",
            why="ECR says that it names another image, and then that it does not exist",
            remedy="run again",
        )

    def put_untagged(self, manifest: Manifest, *, patient: bool = True) -> bool:
        try:
            self._api.call(
                "put_image",
                attempts=ATTEMPTS if patient else 1,
                imageManifest=manifest.body,
                imageManifestMediaType=manifest.media_type,
                imageDigest=manifest.digest.value,
            )
        except AwsRefusedError as refused:
            if refused.code != "ImageAlreadyExistsException":
                raise
        return True

    def attach(self, artifact: Artifact) -> Attached:
        return attach(self._api, artifact)

    def tags_of(self, digest: Digest) -> frozenset[Tag]:
        found = self._api.read(
            "describe_images",
            lambda answer: each(_tags, answer, "imageDetails", required=True),
            imageIds=[{"imageDigest": digest.value}],
        )
        return frozenset(tag for tags in found for tag in tags)

    def remove_tags(self, tags: Sequence[Tag]) -> frozenset[Tag]:
        removed = set[Tag]()
        for begin in range(0, len(tags), BATCH):
            names = self._api.read(
                "batch_delete_image",
                lambda answer: each(lambda one: optional_text(one, "imageTag"), answer, "imageIds"),
                imageIds=[{"imageTag": tag.name} for tag in tags[begin : begin + BATCH]],
            )
            removed |= {tag for tag in tags if tag.name in names}
        return frozenset(removed)

    def delete_untagged(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        deleted = set[Digest]()
        for begin in range(0, len(digests), BATCH):
            if untagged := self._untagged(digests[begin : begin + BATCH]):
                self._api.call(
                    "batch_delete_image", imageIds=[{"imageDigest": one.value} for one in untagged]
                )
                deleted |= set(untagged)
        return frozenset(deleted)

    def _untagged(self, digests: Sequence[Digest]) -> list[Digest]:
        """Those that are there and have no tag, in their order."""
        try:
            found = self._api.read(
                "describe_images",
                lambda answer: each(_digest_and_tags, answer, "imageDetails", required=True),
                imageIds=[{"imageDigest": one.value} for one in digests],
            )
        except AwsRefusedError as refused:
            if refused.code != "ImageNotFoundException":
                raise
            # One has gone meanwhile, and ECR describes none of the others.
            middle = len(digests) // 2
            return [
                one for half in (digests[:middle], digests[middle:]) if middle for one in self._untagged(half)
            ]
        untagged = {digest for digest, tags in found if not tags}
        return [one for one in digests if one in untagged]


def _check_put(answer: Mapping[str, Any], digest: Digest, tag: Tag) -> None:
    """Raises RegistryError if PutImage says that it put something else. What it does not say is fine."""
    said = (answer.get("image") or {}).get("imageId") or {}
    found = said.get("imageDigest", digest.value), said.get("imageTag", tag.name)
    if found != (digest.value, tag.name):
        raise RegistryError(
            f"{tag} was not put",
            why=f"PutImage of {tag} to {digest} was answered with {found[1]} and {found[0]}",
            remedy="check where the tag points, and run again",
        )


def read_images(pages: Sequence[Mapping[str, Any]]) -> tuple[RegistryImage, ...]:
    """Return the tagged images in pages of DescribeImages; ECR Public cannot filter by tag status.

    Raises OddValueError.
    """
    found = (one for page in pages for one in each(_image, page, "imageDetails", required=True))
    return tuple(one for one in found if one)


def _image(one: Mapping[str, Any]) -> RegistryImage | None:
    names = frozenset(tag.name for tag in _tags(one))
    if not names:
        return None
    status = optional_text(one, "imageStatus") or "ACTIVE"
    return RegistryImage(parsed(Digest, one, "imageDigest"), names, time(one, "imagePushedAt"), status)


def _digest_and_tags(one: Mapping[str, Any]) -> tuple[Digest, list[Tag]]:
    return parsed(Digest, one, "imageDigest"), _tags(one)


def _tags(one: Mapping[str, Any]) -> list[Tag]:
    return each_text(Tag, one, "imageTags")
