"""A repository of a private registry, through the ECR API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from ecr_push.base.clock import Clock
from ecr_push.base.errors import AuthenticationError, RegistryError
from ecr_push.base.reference import Digest, Registry, Repository, Tag, parse_repository
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.aws.call import call
from ecr_push.registry.aws.session import Aws
from ecr_push.registry.common import BATCH, PAGE, CommonRepository, read_images, read_login
from ecr_push.registry.inspector import Inspector
from ecr_push.registry.interface import Login, RegistryImage, RepositoryState, Scanning, WantedRepository
from ecr_push.registry.oci import MANIFEST_TYPES, Manifest
from ecr_push.registry.scans import EcrScans

VISIBLE_ATTEMPTS = 5
_TAGGED = {"tagStatus": "TAGGED"}


class PrivateRepository(CommonRepository):
    """See `RepositoryClient`. registry_id is empty for the caller's own account."""

    def __init__(self, access: Aws, name: str, registry_id: str, clock: Clock) -> None:
        super().__init__(RepositoryApi(access, "ecr", name, registry_id=registry_id), clock, "Basic")
        self._clock = clock

    @cached_property
    def scans(self) -> EcrScans:
        return EcrScans(self._api, self._clock)

    @cached_property
    def inspector(self) -> Inspector:
        return Inspector(self._api)

    def locate(self) -> Repository:
        return Repository(Registry.parse(self.login().host), self._api.name)

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        found = {}
        for begin in range(0, len(tags), BATCH):
            answer = self._api.call(
                "batch_get_image",
                imageIds=[{"imageTag": tag.name} for tag in tags[begin : begin + BATCH]],
                acceptedMediaTypes=list(MANIFEST_TYPES),
            )
            found.update(
                {
                    Tag(one["imageId"]["imageTag"]): Digest(one["imageId"]["imageDigest"])
                    for one in answer["images"]
                }
            )
        return found

    def tag_names(self) -> frozenset[str]:
        found = self._api.pages("list_images", filter=_TAGGED, maxResults=PAGE)
        return frozenset(one["imageTag"] for page in found for one in page["imageIds"] if "imageTag" in one)

    def images(self) -> tuple[RegistryImage, ...]:
        return read_images(self._api.pages("describe_images", filter=_TAGGED, maxResults=PAGE))

    def manifest(self, digest: Digest) -> Manifest:
        # Right after a push, the image may not be visible yet.
        for attempt in range(VISIBLE_ATTEMPTS):
            answer = self._api.call(
                "batch_get_image",
                imageIds=[{"imageDigest": digest.value}],
                acceptedMediaTypes=list(MANIFEST_TYPES),
            )
            if answer["images"]:
                image = answer["images"][0]
                return Manifest(digest, image["imageManifestMediaType"], image["imageManifest"])
            self._clock.sleep(0.2 * 2**attempt)
        failure = (answer.get("failures") or [{}])[0]
        raise RegistryError(
            f"{self._api.name}@{digest} is not in the registry",
            why=f"{failure.get('failureCode', '')}: {failure.get('failureReason', '')}".strip(": "),
        )

    def scanning(self) -> Scanning:
        """`unknown` where we may not read the configuration: then only the wait for the scan shows it.

        Both operations read the caller's own registry; there is none for another account's.
        """
        if self._api.registry_id and self._api.registry_id != self._caller():
            return Scanning("unknown")
        try:
            registry = self._api.call_registry("get_registry_scanning_configuration")
            answer = self._api.call_registry(
                "batch_get_repository_scanning_configuration", repositoryNames=[self._api.name]
            )
        except AuthenticationError:
            return Scanning("unknown")
        mode = str(registry.get("scanningConfiguration", {}).get("scanType", "")).lower()
        found = answer.get("scanningConfigurations") or [{}]
        frequency = str(found[0].get("scanFrequency", ""))
        return Scanning(
            "enhanced" if mode == "enhanced" else "basic" if mode == "basic" else "unknown", frequency
        )

    def _caller(self) -> str:
        """Return the caller's account; every principal may ask for it."""
        return str(call(self._api.aws.client("sts"), "get_caller_identity")["Account"])

    def _new_login(self) -> Login:
        # registryIds is deprecated, yet the only way to learn another account's host before its
        # repository exists: the answer's proxyEndpoint. The token itself is valid for any registry.
        of_account = {"registryIds": [self._api.registry_id]} if self._api.registry_id else {}
        data = self._api.call_registry("get_authorization_token", **of_account)["authorizationData"][0]
        return read_login(
            data["authorizationToken"], data["expiresAt"], urlsplit(data["proxyEndpoint"]).netloc
        )

    def _creation(self, wanted: WantedRepository) -> Mapping[str, Any]:
        kms = {"encryptionType": "KMS", "kmsKey": wanted.kms_key}
        parameters: dict[str, Any] = {
            "imageTagMutability": wanted.mutability,
            "imageScanningConfiguration": {"scanOnPush": wanted.scan_on_push},
            "encryptionConfiguration": kms if wanted.kms_key else {"encryptionType": "AES256"},
        }
        if wanted.exclusions:
            parameters["imageTagMutabilityExclusionFilters"] = [
                {"filterType": "WILDCARD", "filter": pattern} for pattern in wanted.exclusions
            ]
        return parameters

    def _state(self, described: Mapping[str, Any]) -> RepositoryState:
        encryption = described.get("encryptionConfiguration", {})
        return RepositoryState(
            parse_repository(described["repositoryUri"]),
            described.get("imageTagMutability", "MUTABLE"),
            tuple(one["filter"] for one in described.get("imageTagMutabilityExclusionFilters") or ()),
            bool(described.get("imageScanningConfiguration", {}).get("scanOnPush")),
            " ".join(filter(None, (encryption.get("encryptionType", ""), encryption.get("kmsKey", "")))),
        )
