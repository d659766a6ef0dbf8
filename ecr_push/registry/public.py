"""A repository of ECR Public: an API of its own, always in us-east-1, without scanning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from ecr_push.base import background
from ecr_push.base.clock import Clock
from ecr_push.base.errors import RegistryError, ScanError
from ecr_push.base.reference import PUBLIC_HOST, PUBLIC_REGION, Digest, Repository, Tag, parse_repository
from ecr_push.base.shape import OddValueError, each, inside, parsed, text, time
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.aws.session import Aws
from ecr_push.registry.common import PAGE, CommonRepository, read_images
from ecr_push.registry.interface import Login, RegistryImage, RepositoryState, Scanning, WantedRepository
from ecr_push.registry.logins import read_login
from ecr_push.registry.oci import Manifest
from ecr_push.registry.referrers import followed
from ecr_push.registry.signing_status import SigningStatus

if TYPE_CHECKING:  # a run that waits for no replication loads nothing of it
    from ecr_push.registry.replication_status import ReplicationStatus

_NO_SCANNING = "ECR Public has no vulnerability scanning"


class PublicRepository(CommonRepository):
    """See `RepositoryClient`. name is `ALIAS/NAME`; the API takes NAME, the registry's host both."""

    def __init__(self, access: Aws, name: str, clock: Clock) -> None:
        self._alias, _, short_name = name.partition("/")
        self._full_name = name
        self._found: RepositoryState | None = None
        api = RepositoryApi(access, "ecr-public", short_name, region=PUBLIC_REGION)
        super().__init__(api, clock, "Bearer")

    @property
    def scans(self) -> NoReturn:
        raise ScanError(_NO_SCANNING)

    @property
    def inspector(self) -> NoReturn:
        raise ScanError(_NO_SCANNING)

    @property
    def lifecycle(self) -> NoReturn:
        raise RegistryError(
            "ECR Public has no lifecycle policies", remedy="name a repository of a private registry"
        )

    def locate(self) -> Repository:
        """Ask the API, which knows the registry's host, and whether the alias belongs to the caller."""
        if self._found:
            return self._found.repository
        registries = self._api.read_registry(
            "describe_registries", lambda answer: each(self._aliased, answer, "registries", required=True)
        )
        names = {alias: here for aliases, here in registries for alias in aliases}
        if self._alias not in names:
            raise RegistryError(
                f"the public registry {self._alias} is not this account's",
                why=f"its own is {', '.join(names) or 'not there yet'}",
                remedy="check the alias in --repository, or whose credentials these are",
            )
        return names[self._alias]

    def _aliased(self, registry: Mapping[str, Any]) -> tuple[list[str], Repository]:
        """The aliases of a registry of the caller's, and where the repository is in it."""
        here = parsed(lambda uri: parse_repository(f"{uri}/{self._api.name}"), registry, "registryUri")
        return each(lambda one: text(one, "name"), registry, "aliases"), here

    def describe(self) -> RepositoryState | None:
        state = super().describe()
        if state and state.repository.name != self._full_name:
            self.locate()  # a second alias of the caller's own registry is fine, someone else's is an error
        self._found = state or self._found
        return state

    def create(self, wanted: WantedRepository) -> RepositoryState:
        """Create the repository. Public ones have neither mutability, scanning nor KMS: wanted is ignored."""
        self._found = super().create(wanted)
        return self._found

    def look_up_archive(self) -> None:
        """ECR Public has none."""

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        # DescribeImages fails as a whole when one of the tags does not exist.
        points_to = self.tagged() if tags else {}
        return {tag: points_to[tag.name] for tag in tags if tag.name in points_to}

    def tag_names(self) -> frozenset[str]:
        return frozenset(self.tagged())

    def tagged(self) -> Mapping[str, Digest]:
        found = self._api.read_pages(
            "describe_image_tags",
            lambda page: each(_named, page, "imageTagDetails", required=True),
            maxResults=PAGE,
        )
        return dict(one for page in found for one in page)

    def images(self) -> tuple[RegistryImage, ...]:
        found = self._api.pages("describe_images", maxResults=PAGE)
        return self._api.reading("describe_images", lambda _: read_images(found), found[0])

    def manifest(self, digest: Digest) -> Manifest:
        return self._distribution.manifest(digest)

    def manifests(self, digests: Sequence[Digest]) -> Mapping[Digest, Manifest]:
        found = (self._distribution.find_manifest(one) for one in sorted(set(digests), key=str))
        return {one.digest: one for one in found if one}

    def referrers(
        self, digest: Digest, artifact_type: str, annotations: Mapping[str, str]
    ) -> frozenset[Digest]:
        """Asked over the distribution API: the service model of ecr-public has no operation for it.

        https://aws.amazon.com/about-aws/whats-new/2024/06/amazon-ecr-oci-image-distribution-version-1-1
        """
        return self._distribution.referrers(digest, artifact_type, annotations)

    def all_referrers(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        def ask(some: Sequence[Digest]) -> frozenset[Digest]:
            lists = [partial(self.referrers, one, "", {}) for one in some]
            return frozenset().union(*background.all_of(lists, "list referrers"))

        return followed(digests, ask)

    def replication_statuses(self, digest: Digest, tag: Tag | None = None) -> tuple[ReplicationStatus, ...]:
        return ()  # ECR Public replicates nothing that a client could ask for

    def signing_statuses(self, digest: Digest) -> tuple[SigningStatus, ...]:
        return ()  # the service model of ecr-public has no operation for it

    def scanning(self) -> Scanning:
        return Scanning("none")

    def _new_login(self) -> Login:
        return self._api.read_registry(
            "get_authorization_token", lambda answer: inside(_login, answer, "authorizationData")
        )

    def _creation(self, wanted: WantedRepository) -> Mapping[str, Any]:
        return {}

    def _state(self, described: Mapping[str, Any]) -> RepositoryState:
        found = parsed(parse_repository, described, "repositoryUri")
        if found.name.partition("/")[2] != self._api.name:
            raise OddValueError("repositoryUri", f"is {found}, which is another repository")
        return RepositoryState(found)


def _named(one: Mapping[str, Any]) -> tuple[str, Digest]:
    return parsed(Tag, one, "imageTag").name, parsed(Digest, one, "imageDetail", "imageDigest")


def _login(data: Mapping[str, Any]) -> Login:
    return read_login(text(data, "authorizationToken"), time(data, "expiresAt"), PUBLIC_HOST)
