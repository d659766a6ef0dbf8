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
    """

    arn: str
    tags: Mapping[str, str] | None
    policy: str | None
    registry_policy: str | None


def read_access(api: RepositoryApi, *, is_own_registry: bool) -> FoundAccess:
    """Raises RegistryError.

    is_own_registry: whether it is the caller's account: GetRegistryPolicy reads no other one's.
    """
    arn = _arn(api)
    return FoundAccess(
        arn,
        _unless_refused(lambda: _tags(api, arn)) if arn else {},
        _unless_refused(lambda: _policy(partial(api.read, "get_repository_policy"))) if arn else "",
        _unless_refused(lambda: _policy(partial(api.read_registry, "get_registry_policy")))
        if is_own_registry
        else None,
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
