"""What says who may do what with a repository: its policy, its registry's, its tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ecr_push.base.dataclass import dataclass
from ecr_push.base.shape import each, optional_text, text
from ecr_push.registry.api import RepositoryApi, or_nothing
from ecr_push.registry.aws.errors import AccessRefusedError
from ecr_push.registry.aws.session import ATTEMPTS
from ecr_push.registry.key_access import KeyAccess, read_key
from ecr_push.registry.private_registry import PrivateRegistry

T = TypeVar("T")


@dataclass(frozen=True)
class FoundAccess:
    """policy, registry_policy: JSON; "" where there is none. None for what the caller may not read.

    arn: "" for a repository that does not exist, which has neither policy nor tags.
    registry_version: 1 where the registry's policy is about a few actions alone, 2 where it is about all, 0
    where the caller may not read which.
    key: the KMS key of the repository; None where ECR's own key encrypts it.
    """

    arn: str
    tags: Mapping[str, str] | None
    policy: str | None
    registry_policy: str | None
    registry_version: int = 2
    key: KeyAccess | None = None


def read_access(api: RepositoryApi, *, is_own_registry: bool) -> FoundAccess:
    """Raises RegistryError.

    is_own_registry: whether it is the caller's account: GetRegistryPolicy reads no other one's.
    """
    arn, key = or_nothing(lambda: api.described(_arn_and_key), "RepositoryNotFoundException", ("", ""))
    registry = PrivateRegistry(api.aws)
    of_registry = _unless_refused(registry.policy) if is_own_registry else None
    return FoundAccess(
        arn,
        _unless_refused(lambda: tags_of(api, arn)) if arn else {},
        _unless_refused(lambda: policy_of(api)) if arn else "",
        of_registry,
        (_unless_refused(lambda: _version(registry)) or 0) if of_registry else 2,
        read_key(api.aws, key, arn) if key else None,
    )


def _arn_and_key(one: Mapping[str, Any]) -> tuple[str, str]:
    """Of shape Repository."""
    return text(one, "repositoryArn"), optional_text(one, "encryptionConfiguration", "kmsKey")


def policy_of(api: RepositoryApi, *, attempts: int = ATTEMPTS) -> str:
    """A repository's policy, JSON; "" for none. Raises RegistryError."""
    return or_nothing(
        lambda: api.read(
            "get_repository_policy", lambda answer: text(answer, "policyText"), attempts=attempts
        ),
        "RepositoryPolicyNotFoundException",
        "",
    )


def tags_of(api: RepositoryApi, arn: str, *, attempts: int = ATTEMPTS) -> Mapping[str, str]:
    """Of the repository with this ARN. Raises RegistryError."""
    listed = api.read_registry(
        "list_tags_for_resource",
        lambda answer: each(lambda one: (text(one, "Key"), optional_text(one, "Value")), answer, "tags"),
        attempts=attempts,
        resourceArn=arn,
    )
    return dict(listed)


def _version(registry: PrivateRegistry) -> int:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAccountSetting.html"""
    return {"V1": 1, "V2": 2}.get(registry.account_setting("REGISTRY_POLICY_SCOPE"), 0)


def _unless_refused(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except AccessRefusedError:
        return None
