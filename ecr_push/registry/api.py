"""The operations of ECR's two APIs, `ecr` and `ecr-public`, on one repository."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ecr_push.base.errors import RegistryError
from ecr_push.base.shape import OddValueError, each
from ecr_push.registry.aws.call import call, pages
from ecr_push.registry.aws.errors import AwsRefusedError, action_of
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.aws.session import ATTEMPTS, Aws

T = TypeVar("T")
N = TypeVar("N")
Answer = Mapping[str, Any]


def or_nothing(ask: Callable[[], T], missing: str, nothing: N) -> T | N:
    """Return what ask returns, or nothing where AWS refuses with the code missing: there is none."""
    try:
        return ask()
    except AwsRefusedError as refused:
        if refused.code != missing:
            raise
        return nothing


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

    def call_registry(self, operation: str, *, attempts: int = ATTEMPTS, **parameters: Any) -> dict[str, Any]:
        """Call an operation with these parameters alone. Raises as `aws.call` does."""
        return call(self._client(attempts), operation, **parameters)

    def read(self, operation: str, read: Callable[[Answer], T], **parameters: Any) -> T:
        """Call an operation on the repository, and return what read makes of the answer.

        read takes the answer apart with `base.shape`; what is odd in it raises OddAnswerError.
        """
        return self.reading(operation, read, self.call(operation, **parameters))

    def read_pages(self, operation: str, read: Callable[[Answer], T], **parameters: Any) -> list[T]:
        """Return what read makes of every page. Raises as `read` does."""
        return [self.reading(operation, read, page) for page in self.pages(operation, **parameters)]

    def read_registry(self, operation: str, read: Callable[[Answer], T], **parameters: Any) -> T:
        """Do as `read` does, with these parameters alone."""
        return self.reading(operation, read, self.call_registry(operation, **parameters))

    def read_registry_pages(self, operation: str, read: Callable[[Answer], T], **parameters: Any) -> list[T]:
        """Return what read makes of every page of an operation with these parameters alone."""
        found = pages(self._client(ATTEMPTS), operation, **parameters)
        return [self.reading(operation, read, page) for page in found]

    def described(self, read: Callable[[Answer], T]) -> T:
        """Return what read makes of the repository. Raises AwsRefusedError where it does not exist."""

        def first(answer: Answer) -> T:
            found = each(read, answer, "repositories", required=True)
            if not found:
                raise OddValueError("repositories", "is an empty list")
            return found[0]

        names = {"repositoryNames": [self.name], **self.registry}
        return self.read_registry("describe_repositories", first, **names)

    def reading(self, operation: str, read: Callable[[Answer], T], answer: Answer) -> T:
        """Return what read makes of an answer to an operation. Raises OddAnswerError."""
        with answer_to(action_of(self._client(ATTEMPTS), operation)):
            return read(answer)

    def needs(self, operation: str, version: str) -> None:
        """Raise RegistryError where the installed SDK does not know an operation. version: that does."""
        if not hasattr(self._client(ATTEMPTS), operation):
            raise RegistryError(
                f"the installed AWS SDK does not know {operation}",
                remedy=f"install boto3 {version} or later",
            )

    def takes(self, operation: str, *names: str) -> bool:
        """Return whether the installed SDK knows this parameter, or this member of one, be it in a list."""
        client = self._client(ATTEMPTS)
        shape = client.meta.service_model.operation_model(
            client.meta.method_to_api_mapping[operation]
        ).input_shape
        for name in names:
            if shape is None or name not in shape.members:
                return False
            shape = shape.members[name]
            while shape.type_name == "list":
                shape = shape.member
        return True

    def _repository(self) -> dict[str, str]:
        return {"repositoryName": self.name, **self.registry}

    def _client(self, attempts: int) -> Any:
        return self.aws.client(self._service, region=self._region, attempts=attempts)
