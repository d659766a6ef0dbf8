"""A repository of ECR Public: an API of its own, always in us-east-1, without scanning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecr_push.base.clock import Clock
from ecr_push.base.errors import RegistryError, ScanError
from ecr_push.base.reference import PUBLIC_HOST, PUBLIC_REGION, Digest, Repository, Tag, parse_repository
from ecr_push.registry.aws import client as aws
from ecr_push.registry.aws.client import Aws, AwsRefusedError
from ecr_push.registry.common import CommonRepository, Logins, read_images, read_login
from ecr_push.registry.distribution import Distribution
from ecr_push.registry.interface import (
    Login,
    Manifest,
    RegistryImage,
    RepositoryState,
    Scanning,
    WantedRepository,
)
from ecr_push.registry.scan_api import Coverage, EpssPage, ScanEvents


class PublicRepository(CommonRepository):
    """See `RepositoryClient`. name is `ALIAS/NAME`; the API takes NAME, the registry's host both."""

    def __init__(self, aws_access: Aws, name: str, clock: Clock) -> None:
        self._aws = aws_access
        self._name = name.partition("/")[2]
        self._full_name = name
        self._logins = Logins(self._new_login, clock)
        self._state: RepositoryState | None = None
        self._distribution = Distribution(self.locate, self.login, "Bearer")

    def _new_login(self) -> Login:
        data = aws.call(self._client(), "get_authorization_token")["authorizationData"]
        return read_login(data["authorizationToken"], data["expiresAt"], PUBLIC_HOST)

    def locate(self) -> Repository:
        """Asked of the API, which knows the registry's host, and whether the alias is the caller's."""
        if self._state:
            return self._state.repository
        registries = aws.call(self._client(), "describe_registries")["registries"]
        alias = self._full_name.partition("/")[0]
        names = {one["name"]: registry for registry in registries for one in registry.get("aliases") or ()}
        if alias not in names:
            raise RegistryError(
                f"the public registry {alias} is not this account's",
                why=f"its own is {', '.join(names) or 'not there yet'}",
                remedy="check the alias in --repository, or whose credentials these are",
            )
        return parse_repository(f"{names[alias]['registryUri']}/{self._name}")

    def describe(self) -> RepositoryState | None:
        try:
            answer = self._call("describe_repositories", repositoryNames=[self._name], named=False)
        except AwsRefusedError as refused:
            if refused.code == "RepositoryNotFoundException":
                return None
            raise
        found = parse_repository(answer["repositories"][0]["repositoryUri"])
        if found.name != self._full_name:
            self.locate()  # a second alias of the caller's own is fine, somebody else's is an error
        self._state = RepositoryState(found)
        return self._state

    def create(self, wanted: WantedRepository) -> RepositoryState:
        """Public repositories have neither mutability, scanning nor KMS: wanted is not looked at."""
        try:
            answer = self._call("create_repository")
        except AwsRefusedError as refused:
            state = self.describe() if refused.code == "RepositoryAlreadyExistsException" else None
            if state is None:
                raise
            return state
        self._state = RepositoryState(parse_repository(answer["repository"]["repositoryUri"]))
        return self._state

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        # DescribeImages fails as a whole when one of the tags is not there.
        points_to = self._tags() if tags else {}
        return {tag: points_to[tag.name] for tag in tags if tag.name in points_to}

    def tag_names(self) -> frozenset[str]:
        return frozenset(self._tags())

    def _tags(self) -> dict[str, Digest]:
        found = aws.pages(self._client(), "describe_image_tags", repositoryName=self._name, maxResults=1000)
        return {
            one["imageTag"]: Digest(one["imageDetail"]["imageDigest"])
            for page in found
            for one in page["imageTagDetails"]
        }

    def images(self) -> tuple[RegistryImage, ...]:
        return read_images(
            aws.pages(self._client(), "describe_images", repositoryName=self._name, maxResults=1000)
        )

    def manifest(self, digest: Digest) -> Manifest:
        return self._distribution.manifest(str(digest))

    def scanning(self) -> Scanning:
        return Scanning("none")

    def start_scan(self, digest: Digest) -> bool:
        raise _no_scanning()

    def scan_page(self, digest: Digest, token: str = "") -> Mapping[str, Any] | None:
        raise _no_scanning()

    def scan_answer(self, digest: Digest) -> Mapping[str, Any] | None:
        raise _no_scanning()

    def coverage(self, digest: Digest) -> Coverage | None:
        raise _no_scanning()

    def epss_page(self, digest: Digest, token: str = "") -> EpssPage:
        raise _no_scanning()

    def scan_events(self, queue: str) -> ScanEvents:
        raise _no_scanning()

    def _client(self) -> Any:
        return self._aws.client("ecr-public", region=PUBLIC_REGION)

    def _call(self, operation: str, *, named: bool = True, **parameters: Any) -> dict[str, Any]:
        name = {"repositoryName": self._name} if named else {}
        return aws.call(self._client(), operation, **name, **parameters)


def _no_scanning() -> ScanError:
    return ScanError("ECR Public has no vulnerability scanning")
