"""What says who may do what with a repository: its policy, its registry's, its tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from ecr_push.base.dataclass import dataclass
from ecr_push.base.shape import each, optional_text, text
from ecr_push.registry.api import Answer, RepositoryApi
from ecr_push.registry.aws.errors import AccessRefusedError, AwsRefusedError

_ABSENT = ("RepositoryPolicyNotFoundException", "RegistryPolicyNotFoundException")
T = TypeVar("T")


@dataclass(frozen=True)
class FoundAccess:
    """policy, registry_policy: JSON; "" where there is none. None for what the caller may not read.

    arn: "" for a repository that does not exist, which has neither policy nor tags.
    registry_version: 1 where the registry's policy is about a few actions alone, 2 where it is about all, 0
    where the caller may not read which.
    """

    arn: str
    tags: Mapping[str, str] | None
    policy: str | None
    registry_policy: str | None
    registry_version: int = 2


def read_access(api: RepositoryApi, *, is_own_registry: bool) -> FoundAccess:
    """Raises RegistryError.

    is_own_registry: whether it is the caller's account: GetRegistryPolicy reads no other one's.
    """
    arn = _arn(api)
    of_registry = None
    if is_own_registry:
        of_registry = _unless_refused(lambda: _policy(partial(api.read_registry, "get_registry_policy")))
    return FoundAccess(
        arn,
        _unless_refused(lambda: _tags(api, arn)) if arn else {},
        _unless_refused(lambda: _policy(partial(api.read, "get_repository_policy"))) if arn else "",
        of_registry,
        (_unless_refused(lambda: _version(api)) or 0) if of_registry else 2,
    )


def _version(api: RepositoryApi) -> int:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAccountSetting.html"""
    setting = {"name": "REGISTRY_POLICY_SCOPE"}
    return {"V1": 1, "V2": 2}.get(
        api.read_registry("get_account_setting", lambda answer: text(answer, "value"), **setting), 0
    )


def _arn(api: RepositoryApi) -> str:
    try:
        return api.described(lambda one: text(one, "repositoryArn"))
    except AwsRefusedError as refused:
        if refused.code == "RepositoryNotFoundException":
            return ""
        raise


def _policy(ask: Callable[[Callable[[Answer], str]], str]) -> str:
    try:
        return ask(lambda answer: text(answer, "policyText"))
    except AwsRefusedError as refused:
        if refused.code in _ABSENT:
            return ""
        raise


def _tags(api: RepositoryApi, arn: str) -> Mapping[str, str]:
    listed = api.read_registry(
        "list_tags_for_resource",
        lambda answer: each(lambda one: (text(one, "Key"), optional_text(one, "Value")), answer, "tags"),
        resourceArn=arn,
    )
    return dict(listed)


def _unless_refused(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except AccessRefusedError:
        return None
