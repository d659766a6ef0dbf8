"""The context of an operation, and what all operations share: pages, image ids, ARNs."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ecr_push.sandbox.faults import Faults
from ecr_push.sandbox.guard import Guard
from ecr_push.sandbox.identity import CallerIdentity, Identities
from ecr_push.sandbox.model import EcrError, Image, Kind, StoredRepository
from ecr_push.sandbox.protocol import invalid_parameter
from ecr_push.sandbox.scan_service import ScanService
from ecr_push.sandbox.state import State
from ecr_push.sandbox.tokens import Tokens

Parameters = Mapping[str, Any]
Result = dict[str, Any]
Item = TypeVar("Item")
DEFAULT_PAGE = 100


@dataclass(frozen=True)
class Context:
    """Everything that an operation may use, and the caller.

    kind: the kind of registry that the request's service manages.
    """

    state: State
    scans: ScanService
    tokens: Tokens
    identities: Identities
    faults: Faults
    identity: CallerIdentity
    kind: Kind
    guard: Guard

    def repository(self, parameters: Parameters) -> StoredRepository:
        """Returns the repository of `repositoryName`. Raises EcrError RepositoryNotFoundException."""
        return self.state.repositories.get(self.kind, parameters["repositoryName"])

    def image(self, parameters: Parameters, image_id: Mapping[str, str]) -> Image:
        """Returns the image of an ImageIdentifier. Raises EcrError ImageNotFoundException."""
        if not image_id.get("imageDigest") and not image_id.get("imageTag"):
            raise EcrError(
                "InvalidParameterException",
                "Invalid request parameters: both tag and digest cannot be null",
            )
        return self.state.images.find(
            self.kind,
            parameters["repositoryName"],
            digest=image_id.get("imageDigest", ""),
            tag=image_id.get("imageTag", ""),
        )

    def named(self, repository: StoredRepository) -> Result:
        """The two members that most responses about a repository start with."""
        return {"registryId": repository.registry_id, "repositoryName": repository.name}


Operation = Callable[[Context, Parameters], Result]


def page(
    items: Sequence[Item], parameters: Parameters, *, default: int = DEFAULT_PAGE
) -> tuple[Sequence[Item], str | None]:
    """Returns the page of items for `nextToken` and `maxResults`, and the token of the next page.

    A token is only valid for the request that it came from: with other parameters it is refused.
    """
    start = 0
    if token := parameters.get("nextToken"):
        try:
            asked, start = json.loads(base64.urlsafe_b64decode(token))
        except (ValueError, TypeError):
            asked = None
        if asked != _fingerprint(parameters) or not isinstance(start, int):
            raise invalid_parameter("nextToken", "Invalid next token")
    end = start + parameters.get("maxResults", default)
    following = json.dumps([_fingerprint(parameters), end]).encode()
    return items[start:end], base64.urlsafe_b64encode(following).decode() if end < len(items) else None


def refuse_together(parameters: Parameters, chosen: str) -> None:
    """Raises EcrError for a request with both paging and names."""
    if chosen in parameters:
        for name in ("nextToken", "maxResults"):
            if name in parameters:
                raise EcrError(
                    "InvalidParameterException",
                    f"'{name}' cannot be used when you specify '{chosen}'",
                )


def repository_of_arn(context: Context, arn: str) -> StoredRepository:
    """Returns the repository of an ARN. Raises EcrError."""
    name = arn.partition(":repository/")[2]
    for repository in context.state.repositories.all(context.kind):
        if repository.arn == arn:
            return repository
    if not name:
        raise invalid_parameter("resourceArn", f"Invalid ARN: '{arn}'")
    raise EcrError(
        "RepositoryNotFoundException",
        f"The repository with name '{name}' does not exist in the registry with id '{context.state.account}'",
    )


def _fingerprint(parameters: Parameters) -> str:
    asked = {name: value for name, value in parameters.items() if name not in ("nextToken", "maxResults")}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
