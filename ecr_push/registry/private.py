"""A repository of a private registry, through the ECR API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ecr_push.base.clock import Clock
from ecr_push.base.errors import AuthenticationError, RegistryError
from ecr_push.base.reference import Digest, Registry, Repository, Tag, parse_repository
from ecr_push.registry import inspector
from ecr_push.registry.aws import client as aws
from ecr_push.registry.aws.client import Aws, AwsRefusedError
from ecr_push.registry.common import CommonRepository, Logins, merge_pages, read_images, read_login
from ecr_push.registry.distribution import Distribution
from ecr_push.registry.interface import (
    MANIFEST_TYPES,
    Login,
    Manifest,
    RegistryImage,
    RepositoryState,
    Scanning,
    WantedRepository,
)
from ecr_push.registry.scan_api import Coverage, EpssPage, ScanEvents
from ecr_push.registry.scan_events import QueueEvents

VISIBLE_ATTEMPTS = 5
_PAGE = 1000
_NO_SCAN_YET = frozenset({"ScanNotFoundException", "ImageNotFoundException"})


class PrivateRepository(CommonRepository):
    """See `RepositoryClient`. registry_id is empty for the caller's own account."""

    def __init__(self, aws_access: Aws, name: str, registry_id: str, clock: Clock) -> None:
        self._aws = aws_access
        self._name = name
        self._registry_id = registry_id
        self._clock = clock
        self._logins = Logins(self._new_login, clock)
        self._distribution = Distribution(self.locate, self.login, "Basic")
        self._known_arn = ""

    def _new_login(self) -> Login:
        # registryIds is deprecated, yet the only way to learn another account's host before its
        # repository exists: the answer's proxyEndpoint. The token itself is good for any registry.
        wanted = {"registryIds": [self._registry_id]} if self._registry_id else {}
        answer = aws.call(self._aws.client("ecr"), "get_authorization_token", **wanted)
        data = answer["authorizationData"][0]
        return read_login(
            data["authorizationToken"], data["expiresAt"], urlsplit(data["proxyEndpoint"]).netloc
        )

    def locate(self) -> Repository:
        return Repository(Registry.parse(self.login().host), self._name)

    def describe(self) -> RepositoryState | None:
        try:
            answer = self._call("describe_repositories", repositoryNames=[self._name], named=False)
        except AwsRefusedError as refused:
            if refused.code == "RepositoryNotFoundException":
                return None
            raise
        return _state(answer["repositories"][0])

    def create(self, wanted: WantedRepository) -> RepositoryState:
        encryption = (
            {"encryptionType": "KMS", "kmsKey": wanted.kms_key}
            if wanted.kms_key
            else {"encryptionType": "AES256"}
        )
        filters: dict[str, Any] = {}
        if wanted.exclusions:
            filters["imageTagMutabilityExclusionFilters"] = [
                {"filterType": "WILDCARD", "filter": pattern} for pattern in wanted.exclusions
            ]
        try:
            answer = self._call(
                "create_repository",
                imageTagMutability=wanted.mutability,
                imageScanningConfiguration={"scanOnPush": wanted.scan_on_push},
                encryptionConfiguration=encryption,
                **filters,
            )
        except AwsRefusedError as refused:
            # Another pipeline may have made it in the meantime.
            state = self.describe() if refused.code == "RepositoryAlreadyExistsException" else None
            if state is None:
                raise
            return state
        return _state(answer["repository"])

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        found = {}
        for begin in range(0, len(tags), 100):  # the limit of BatchGetImage
            answer = self._call(
                "batch_get_image",
                imageIds=[{"imageTag": tag.name} for tag in tags[begin : begin + 100]],
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
        found = aws.pages(
            self._aws.client("ecr"),
            "list_images",
            **self._named(),
            filter={"tagStatus": "TAGGED"},
            maxResults=_PAGE,
        )
        return frozenset(one["imageTag"] for page in found for one in page["imageIds"] if "imageTag" in one)

    def images(self) -> tuple[RegistryImage, ...]:
        return read_images(
            aws.pages(
                self._aws.client("ecr"),
                "describe_images",
                **self._named(),
                filter={"tagStatus": "TAGGED"},
                maxResults=_PAGE,
            )
        )

    def manifest(self, digest: Digest) -> Manifest:
        # Right after a push, a look-up may not find the image yet.
        for attempt in range(VISIBLE_ATTEMPTS):
            answer = self._call(
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
            f"{self._name}@{digest} is not in the registry",
            why=f"{failure.get('failureCode', '')}: {failure.get('failureReason', '')}".strip(": "),
        )

    def scanning(self) -> Scanning:
        """Unknown where we may not read the configuration: then only the waiting shows it.

        Both operations speak of the caller's own registry; of another account's nothing can be read.
        """
        if self._registry_id and self._registry_id != self._caller():
            return Scanning("unknown")
        try:
            registry = aws.call(self._aws.client("ecr"), "get_registry_scanning_configuration")
            answer = aws.call(
                self._aws.client("ecr"),
                "batch_get_repository_scanning_configuration",
                repositoryNames=[self._name],
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
        """The caller's account; every principal may ask for it."""
        return str(aws.call(self._aws.client("sts"), "get_caller_identity")["Account"])

    def start_scan(self, digest: Digest) -> bool:
        # One attempt: botocore takes LimitExceededException, the answer to a second scan within a day,
        # for throttling, and would lose twelve seconds on retries that cannot help.
        aws.call(
            self._aws.client("ecr", attempts=1),
            "start_image_scan",
            **self._named(),
            imageId={"imageDigest": digest.value},
        )
        return True

    def scan_page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
        # One attempt: whoever waits paces all calls, those after a throttled one too.
        try:
            return aws.call(
                self._aws.client("ecr", attempts=1),
                "describe_image_scan_findings",
                **self._named(),
                imageId={"imageDigest": digest.value},
                maxResults=_PAGE,
                **({"nextToken": token} if token else {}),
            )
        except AwsRefusedError as refused:
            # Right after a push, neither the image nor its scan need be visible yet.
            if refused.code in _NO_SCAN_YET:
                return None
            raise

    def scan_answer(self, digest: Digest) -> Mapping[str, Any] | None:
        try:
            found = aws.pages(
                self._aws.client("ecr"),
                "describe_image_scan_findings",
                **self._named(),
                imageId={"imageDigest": digest.value},
                maxResults=_PAGE,
            )
        except AwsRefusedError as refused:
            if refused.code in _NO_SCAN_YET:
                return None
            raise
        return merge_pages(found)

    def coverage(self, digest: Digest) -> Coverage | None:
        try:
            images = self._call("describe_images", imageIds=[{"imageDigest": digest.value}])["imageDetails"]
        except AwsRefusedError as refused:
            if refused.code == "ImageNotFoundException":
                return None
            raise
        pushed_at = images[0].get("imagePushedAt") if images else None
        return inspector.coverage(self._aws, f"{self._arn()}/{digest}", pushed_at)

    def epss_page(self, digest: Digest, token: str = "") -> EpssPage:
        return inspector.epss_page(self._aws, digest, token)

    def scan_events(self, queue: str) -> ScanEvents:
        return QueueEvents(self._aws, queue, self._registry_id, self._name, self._clock)

    def _arn(self) -> str:
        """The repository's; ECR is asked once."""
        if not self._known_arn:
            answer = self._call("describe_repositories", repositoryNames=[self._name], named=False)
            self._known_arn = str(answer["repositories"][0]["repositoryArn"])
        return self._known_arn

    def _named(self) -> dict[str, Any]:
        return {"repositoryName": self._name} | (
            {"registryId": self._registry_id} if self._registry_id else {}
        )

    def _call(self, operation: str, *, named: bool = True, **parameters: Any) -> dict[str, Any]:
        if not named and self._registry_id:
            parameters["registryId"] = self._registry_id
        return aws.call(self._aws.client("ecr"), operation, **(self._named() if named else {}), **parameters)


def _state(described: Mapping[str, Any]) -> RepositoryState:
    encryption = described.get("encryptionConfiguration", {})
    return RepositoryState(
        parse_repository(described["repositoryUri"]),
        described.get("imageTagMutability", "MUTABLE"),
        tuple(one["filter"] for one in described.get("imageTagMutabilityExclusionFilters") or ()),
        bool(described.get("imageScanningConfiguration", {}).get("scanOnPush")),
        " ".join(filter(None, (encryption.get("encryptionType", ""), encryption.get("kmsKey", "")))),
    )
