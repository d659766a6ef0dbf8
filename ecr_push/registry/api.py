"""The operations of ECR's two APIs, `ecr` and `ecr-public`, on one repository."""

from __future__ import annotations

from typing import Any

from ecr_push.registry.aws.call import call, pages
from ecr_push.registry.aws.session import ATTEMPTS, Aws


class RepositoryApi:
    """One repository in boto3's service `ecr` or `ecr-public`.

    registry_id: the account whose registry is meant; empty for the caller's own.
    region:      empty for the region in effect.
    """

    def __init__(
        self, access: Aws, service: str, name: str, *, registry_id: str = "", region: str = ""
    ) -> None:
        self.aws = access
        self.name = name
        self.registry_id = registry_id
        self._service = service
        self._region = region

    @property
    def registry(self) -> dict[str, str]:
        """The parameter that names the registry; none for the caller's own."""
        return {"registryId": self.registry_id} if self.registry_id else {}

    def call(self, operation: str, *, attempts: int = ATTEMPTS, **parameters: Any) -> dict[str, Any]:
        """Call an operation on the repository, by its Python name. Raises as `aws.call` does."""
        return call(self._client(attempts), operation, **self._repository(), **parameters)

    def pages(self, operation: str, **parameters: Any) -> list[dict[str, Any]]:
        """Return every page of an operation on the repository. Raises as `aws.call` does."""
        return pages(self._client(ATTEMPTS), operation, **self._repository(), **parameters)

    def call_registry(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call an operation with these parameters alone. Raises as `aws.call` does."""
        return call(self._client(ATTEMPTS), operation, **parameters)

    def described(self) -> dict[str, Any]:
        """Return the repository in DescribeRepositories. Raises AwsRefusedError where it does not exist."""
        answer = self.call_registry("describe_repositories", repositoryNames=[self.name], **self.registry)
        found: dict[str, Any] = answer["repositories"][0]
        return found

    def _repository(self) -> dict[str, str]:
        return {"repositoryName": self.name, **self.registry}

    def _client(self, attempts: int) -> Any:
        return self.aws.client(self._service, region=self._region, attempts=attempts)
