"""What the Amazon ECR Public Gallery shows of a public repository: its catalogue data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import PUBLIC_REGION
from ecr_push.base.shape import each_text, inside, optional_text
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.session import Aws


@dataclass(frozen=True)
class Catalog:
    """Shape RepositoryCatalogData of ECR Public's model. has_logo: the logo itself is not returned."""

    description: str = ""
    about: str = ""
    usage: str = ""
    architectures: tuple[str, ...] = ()
    operating_systems: tuple[str, ...] = ()
    has_logo: bool = False


class PublicCatalogs:
    """The catalogue data of the caller's public repositories, by their names without the alias.

    Each call is made once: who makes many of them keeps their pace.
    """

    def __init__(self, access: Aws) -> None:
        self._access = access

    def find(self, name: str) -> Catalog | None:
        """None for a repository that does not exist. Raises RegistryError."""
        try:
            return self._api(name).read(
                "get_repository_catalog_data",
                lambda answer: inside(_catalog, answer, "catalogData"),
                attempts=1,
            )
        except AwsRefusedError as refused:
            if refused.code == "RepositoryNotFoundException":
                return None
            if refused.code == "RepositoryCatalogDataNotFoundException":
                return Catalog()
            raise

    def create(self, name: str, data: Mapping[str, Any]) -> None:
        """A repository with this data, shape RepositoryCatalogDataInput. Raises RegistryError."""
        self._api(name).call("create_repository", attempts=1, catalogData=dict(data))

    def put(self, name: str, data: Mapping[str, Any]) -> None:
        """Raises RegistryError."""
        self._api(name).call("put_repository_catalog_data", attempts=1, catalogData=dict(data))

    def _api(self, name: str) -> RepositoryApi:
        return RepositoryApi(self._access, "ecr-public", name, region=PUBLIC_REGION)


def _catalog(data: Mapping[str, Any]) -> Catalog:
    return Catalog(
        optional_text(data, "description"),
        optional_text(data, "aboutText"),
        optional_text(data, "usageText"),
        tuple(each_text(str, data, "architectures")),
        tuple(each_text(str, data, "operatingSystems")),
        bool(optional_text(data, "logoUrl")),
    )
