"""A repository of a private registry, through the ECR API."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ecr_push.base import background
from ecr_push.base.clock import Clock
from ecr_push.base.errors import AuthenticationError, RegistryError
from ecr_push.base.reference import Digest, Registry, Repository, Tag, parse_repository
from ecr_push.base.shape import OddValueError, each, member, optional_text, parsed, text, time
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.archive import Archive, ArchivedImageError, any_status, read_archive
from ecr_push.registry.aws.call import call
from ecr_push.registry.aws.failures import ItemsRefusedError
from ecr_push.registry.aws.odd import OddAnswerError, answer_to
from ecr_push.registry.aws.session import Aws
from ecr_push.registry.common import BATCH, PAGE, CommonRepository, read_images
from ecr_push.registry.interface import (
    Login,
    RegistryImage,
    RepositoryState,
    Scanning,
    WantedRepository,
)
from ecr_push.registry.lifecycle_api import LifecycleReader
from ecr_push.registry.logins import read_login
from ecr_push.registry.oci import MANIFEST_TYPES, Manifest, read_manifest
from ecr_push.registry.scan_api import InspectorReader
from ecr_push.registry.scans import EcrScans
from ecr_push.registry.signing_status import SigningStatus

if TYPE_CHECKING:  # a run that waits for no replication loads nothing of it
    from ecr_push.registry.replication_status import ReplicationStatus

VISIBLE_ATTEMPTS = 5
_INACCESSIBLE = "ImageInaccessible"


class PrivateRepository(CommonRepository):
    """See `RepositoryClient`. registry_id is empty for the caller's own account."""

    def __init__(self, access: Aws, name: str, registry_id: str, clock: Clock) -> None:
        super().__init__(RepositoryApi(access, "ecr", name, registry_id=registry_id), clock, "Basic")
        self._clock = clock
        self._asked: Future[Archive] | None = None

    @cached_property
    def scans(self) -> EcrScans:
        return EcrScans(self._api, self._clock)

    @cached_property
    def inspector(self) -> InspectorReader:
        from ecr_push.registry.inspector import Inspector

        return Inspector(self._api)

    @cached_property
    def lifecycle(self) -> LifecycleReader:
        from ecr_push.registry.lifecycle import EcrLifecycle  # no run asks for it

        return EcrLifecycle(self._api, self._clock)

    def locate(self) -> Repository:
        return Repository(Registry.parse(self.login().host), self._api.name)

    def look_up_archive(self) -> None:
        self._asked = background.start(lambda: read_archive(self._api), "read archive")

    @cached_property
    def _archive(self) -> Archive:
        """Read once: what a rule archives meanwhile has not been used for days."""
        if self._asked:
            with contextlib.suppress(RegistryError):  # maybe of a repository that has been created since
                return self._asked.result()
        return read_archive(self._api)

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        found: dict[str, Digest] = {}
        for begin in range(0, len(tags), BATCH):
            for name, digest in self._pullable(tags[begin : begin + BATCH]):
                if found.setdefault(name, digest) != digest:
                    raise OddAnswerError("ecr:BatchGetImage", f"it has two images for the tag {name[:128]}")
        if any(tag.name not in found for tag in tags):
            found = {**self._archive.tags, **found}
        return {tag: found[tag.name] for tag in tags if tag.name in found}

    def _pullable(self, tags: Sequence[Tag]) -> list[tuple[str, Digest]]:
        try:
            return self._api.read(
                "batch_get_image",
                lambda answer: each(_named, answer, "images", required=True),
                imageIds=[{"imageTag": tag.name} for tag in tags],
                acceptedMediaTypes=list(MANIFEST_TYPES),
            )
        except ItemsRefusedError as refused:
            archived = {one.item for one in refused.failures if one.code == _INACCESSIBLE}
            if len(archived) < len(refused.failures) or not archived <= self._archive.tags.keys():
                raise
            others = [tag for tag in tags if tag.name not in archived]
            return self._pullable(others) if others else []

    def tag_names(self) -> frozenset[str]:
        return frozenset(self.tagged())

    def tagged(self) -> Mapping[str, Digest]:
        found = self._api.read_pages(
            "list_images",
            lambda page: each(_listed, page, "imageIds", required=True),
            filter={"tagStatus": "TAGGED", **any_status(self._api, "list_images")},
            maxResults=PAGE,
        )
        return dict(one for page in found for one in page if one)

    def images(self) -> tuple[RegistryImage, ...]:
        status = {"tagStatus": "TAGGED", **any_status(self._api, "describe_images")}
        found = self._api.pages("describe_images", filter=status, maxResults=PAGE)
        return self._api.reading("describe_images", lambda _: read_images(found), found[0])

    def manifest(self, digest: Digest) -> Manifest:
        # Right after a push, the image may not be visible yet.
        for attempt in range(VISIBLE_ATTEMPTS):
            answer = self._api.call(
                "batch_get_image",
                imageIds=[{"imageDigest": digest.value}],
                acceptedMediaTypes=list(MANIFEST_TYPES),
            )
            found = self._api.reading(
                "batch_get_image",
                lambda answer: each(partial(_manifest, digest), answer, "images", required=True),
                answer,
            )
            if found:
                return found[0]
            # Asked again: a push of the same image, which may be ours, has restored it since.
            if attempt == 0 and (status := read_archive(self._api).statuses.get(digest)):
                raise ArchivedImageError(self._api, digest, status)
            self._clock.sleep(0.2 * 2**attempt)
        failure = (answer.get("failures") or [{}])[0]
        raise RegistryError(
            f"{self._api.name}@{digest} is not in the registry",
            why=f"{failure.get('failureCode', '')}: {failure.get('failureReason', '')}".strip(": "),
        )

    def manifests(self, digests: Sequence[Digest]) -> Mapping[Digest, Manifest]:
        asked = sorted(set(digests), key=str)
        found: dict[Digest, Manifest] = {}
        for begin in range(0, len(asked), BATCH):
            batch = asked[begin : begin + BATCH]
            try:
                found |= self._manifests(batch)
            except ItemsRefusedError as refused:
                if any(one.code != _INACCESSIBLE for one in refused.failures):
                    raise
                archived = {one.item for one in refused.failures}
                if others := [one for one in batch if one.value not in archived]:
                    found |= self._manifests(others)
        return found

    def _manifests(self, digests: Sequence[Digest]) -> Mapping[Digest, Manifest]:
        found = self._api.read(
            "batch_get_image",
            lambda answer: each(_own_manifest, answer, "images", required=True),
            imageIds=[{"imageDigest": one.value} for one in digests],
            acceptedMediaTypes=list(MANIFEST_TYPES),
        )
        return {one.digest: one for one in found if one.digest in digests}

    def referrers(
        self, digest: Digest, artifact_type: str, annotations: Mapping[str, str]
    ) -> frozenset[Digest]:
        from ecr_push.registry.referrers import list_referrers

        return list_referrers(self._api, digest, artifact_type, annotations)

    def all_referrers(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        from ecr_push.registry.referrers import list_all_referrers

        return list_all_referrers(self._api, digests)

    def replication_statuses(self, digest: Digest, tag: Tag | None = None) -> tuple[ReplicationStatus, ...]:
        from ecr_push.registry.replication import read_replication_statuses  # few runs ask for it

        return read_replication_statuses(self._api, digest, tag)

    def signing_statuses(self, digest: Digest) -> tuple[SigningStatus, ...]:
        from ecr_push.registry.managed_signing import read_signing_statuses  # few runs ask for it

        return read_signing_statuses(self._api, digest)

    def scanning(self) -> Scanning:
        """`unknown` where we may not read the configuration: then only the wait for the scan shows it.

        Both operations read the caller's own registry; there is none for another account's.
        """
        if self._api.registry_id and self._api.registry_id != self._caller():
            return Scanning("unknown")
        try:
            mode = self._api.read_registry(
                "get_registry_scanning_configuration",
                lambda answer: optional_text(answer, "scanningConfiguration", "scanType").lower(),
            )
            found = self._api.read_registry(
                "batch_get_repository_scanning_configuration",
                lambda answer: each(self._frequency, answer, "scanningConfigurations"),
                repositoryNames=[self._api.name],
            )
        except AuthenticationError:
            return Scanning("unknown")
        frequency = found[0] if found else ""
        return Scanning(
            "enhanced" if mode == "enhanced" else "basic" if mode == "basic" else "unknown", frequency
        )

    def _caller(self) -> str:
        """Return the caller's account; every principal may ask for it."""
        answer = call(self._api.aws.client("sts"), "get_caller_identity")
        with answer_to("sts:GetCallerIdentity"):
            return text(answer, "Account")

    def _frequency(self, one: Mapping[str, Any]) -> str:
        if optional_text(one, "repositoryName") not in ("", self._api.name):
            raise OddValueError("repositoryName", "is another repository than was asked for")
        return optional_text(one, "scanFrequency")

    def _new_login(self) -> Login:
        # registryIds is deprecated, yet the only way to learn another account's host before its
        # repository exists: the answer's proxyEndpoint. The token itself is valid for any registry.
        of_account = {"registryIds": [self._api.registry_id]} if self._api.registry_id else {}
        return self._api.read_registry("get_authorization_token", _login, **of_account)

    def _creation(self, wanted: WantedRepository) -> Mapping[str, Any]:
        from ecr_push.registry.creation import creation  # few runs create one

        return creation(wanted)

    def _state(self, described: Mapping[str, Any]) -> RepositoryState:
        found = parsed(parse_repository, described, "repositoryUri")
        if found.name != self._api.name:
            raise OddValueError("repositoryUri", f"is {found}, which is another repository")
        encryption = ("encryptionType", "kmsKey")
        return RepositoryState(
            found,
            optional_text(described, "imageTagMutability") or "MUTABLE",
            tuple(each(lambda one: text(one, "filter"), described, "imageTagMutabilityExclusionFilters")),
            member(described, "imageScanningConfiguration", "scanOnPush") is True,
            " ".join(
                filter(None, (optional_text(described, "encryptionConfiguration", one) for one in encryption))
            ),
        )


def _named(image: Mapping[str, Any]) -> tuple[str, Digest]:
    return text(image, "imageId", "imageTag"), parsed(Digest, image, "imageId", "imageDigest")


def _listed(one: Mapping[str, Any]) -> tuple[str, Digest] | None:
    """The tag in an image's identifier, and the image; None for an image without one."""
    if member(one, "imageTag") is None:
        return None
    return parsed(Tag, one, "imageTag").name, parsed(Digest, one, "imageDigest")


def _manifest(digest: Digest, image: Mapping[str, Any]) -> Manifest:
    other = optional_text(image, "imageId", "imageDigest")
    if other not in ("", digest.value):
        raise OddValueError("imageId.imageDigest", "is another image than was asked for")
    body = text(image, "imageManifest")
    return read_manifest(digest, text(image, "imageManifestMediaType"), body)


def _own_manifest(image: Mapping[str, Any]) -> Manifest:
    return _manifest(parsed(Digest, image, "imageId", "imageDigest"), image)


def _login(answer: Mapping[str, Any]) -> Login:
    def read(data: Mapping[str, Any]) -> Login:
        host = parsed(lambda url: Registry.parse(urlsplit(url).netloc), data, "proxyEndpoint")
        return read_login(text(data, "authorizationToken"), time(data, "expiresAt"), str(host))

    found = each(read, answer, "authorizationData", required=True)
    if not found:
        raise OddValueError("authorizationData", "is an empty list")
    return found[0]
