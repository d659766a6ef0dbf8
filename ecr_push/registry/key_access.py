"""What decides whether ECR may use the KMS key of a repository: the key's state, its grants, its policy.

ECR encrypts and decrypts by two grants, made with the repository, for all who push and pull.
The permissions of KMS that it asks of a principal are those to create and to delete a repository.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from ecr_push.base.dataclass import dataclass
from ecr_push.base.shape import each, each_text, member, optional_text, text
from ecr_push.registry.aws.call import MOST_PAGES, call
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.aws.session import Aws

T = TypeVar("T")
ENABLED, DELETED = "Enabled", "deleted"
_CONTEXT = "aws:ecr:arn"  # in the encryption context of each of ECR's requests: the repository
_KINDS = ("EncryptionContextSubset", "EncryptionContextEquals")


@dataclass(frozen=True)
class KeyAccess:
    """The key of a repository.

    state:   shape KeyState of KMS, or `DELETED`; "" where it may not be read.
    managed: whether AWS manages it: no customer disables it, or changes its policy.
    granted: operations that grants allow for the repository; None where they may not be read.
    policy:  JSON; None where it may not be read.
    """

    key: str
    state: str = ""
    managed: bool = False
    granted: frozenset[str] | None = None
    policy: str | None = None


def read_key(access: Aws, key: str, repository: str) -> KeyAccess:
    """key, repository: ARNs. Raises RegistryError but for what may not be read."""
    client = access.client("kms")
    try:
        described = call(client, "describe_key", KeyId=key)
    except AwsRefusedError as refused:
        return KeyAccess(key, DELETED if refused.code == "NotFoundException" else "")
    with answer_to("kms:DescribeKey"):
        state = text(described, "KeyMetadata", "KeyState")
        managed = optional_text(described, "KeyMetadata", "KeyManager") == "AWS"
    if managed:
        return KeyAccess(key, state, managed)
    return KeyAccess(
        key,
        state,
        granted=_unless_refused(lambda: frozenset(_granted(client, key, repository))),
        policy=_unless_refused(lambda: _policy(client, key)),
    )


def _granted(client: Any, key: str, repository: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html"""
    marker: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        answer = call(client, "list_grants", KeyId=key, **marker)
        with answer_to("kms:ListGrants"):
            for operations, meant in each(_grant, answer, "Grants", required=True):
                yield from operations if repository in meant else ()
            following = optional_text(answer, "NextMarker")
        if not following or following == marker.get("Marker"):
            return
        marker = {"Marker": following}


def _grant(one: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Its operations, and the repositories that it names."""
    constraints = member(one, "Constraints") or {}
    return each_text(str, one, "Operations"), [optional_text(constraints, kind, _CONTEXT) for kind in _KINDS]


def _policy(client: Any, key: str) -> str:
    answer = call(client, "get_key_policy", KeyId=key, PolicyName="default")
    with answer_to("kms:GetKeyPolicy"):
        return text(answer, "Policy")


def _unless_refused(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except AwsRefusedError:
        return None
