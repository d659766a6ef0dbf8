"""How a repository of a private registry is created: with what CreateRepository takes, and then the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ecr_push.base.errors import RegistryError
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.session import ATTEMPTS
from ecr_push.registry.interface import WantedRepository

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html, and IAM's
# reference_policies_elements_principal.html. ECR does not say which principal it is.
_WHO_IS_THERE = "check that each role, user and account in the policy exists, and has this region enabled"


def creation(wanted: WantedRepository) -> dict[str, Any]:
    """The parameters of CreateRepository, without the name."""
    kind = wanted.encrypted_with.partition(" ")[0]
    key = {"kmsKey": wanted.kms_key} if wanted.kms_key else {}
    parameters: dict[str, Any] = {"encryptionConfiguration": {"encryptionType": kind, **key}}
    if wanted.mutability:
        parameters |= mutability(wanted.mutability, wanted.exclusions)
    if wanted.scan_on_push is not None:
        parameters["imageScanningConfiguration"] = {"scanOnPush": wanted.scan_on_push}
    if wanted.tags:
        parameters["tags"] = [{"Key": name, "Value": value} for name, value in wanted.tags.items()]
    return parameters


def mutability(kind: str, exclusions: tuple[str, ...]) -> dict[str, Any]:
    """The parameters of CreateRepository and PutImageTagMutability. kind: ECR's value."""
    if not exclusions:
        return {"imageTagMutability": kind}
    filters = [{"filterType": "WILDCARD", "filter": pattern} for pattern in exclusions]
    return {"imageTagMutability": kind, "imageTagMutabilityExclusionFilters": filters}


def put_the_rest(api: RepositoryApi, wanted: WantedRepository) -> None:
    """Gives a repository that was just created its policies. Raises RegistryError of `did_not_get`."""
    puts: dict[str, Callable[[], object]] = {}
    if wanted.lifecycle:
        puts["lifecycle"] = lambda: api.call("put_lifecycle_policy", lifecyclePolicyText=wanted.lifecycle)
    if wanted.policy:
        puts["policy"] = lambda: set_policy(api, wanted.policy)
    for what, put in puts.items():
        try:
            put()
        except RegistryError as error:
            raise did_not_get(api.name, what, error) from error


def did_not_get(name: str, what: str, error: RegistryError) -> RegistryError:
    """The error that says that a repository is there, without one of its policies."""
    return RegistryError(
        f"{name} was created, and did not get its {what}",
        why=f"{error.what}: {error.why}",
        remedy=f"{error.remedy or 'remove the cause'}, and put it with `ecr-push repository apply`",
    )


def set_policy(api: RepositoryApi, policy: str, *, attempts: int = ATTEMPTS) -> None:
    """Raises RegistryError."""
    try:
        api.call("set_repository_policy", attempts=attempts, policyText=policy)
    except AwsRefusedError as refused:
        if refused.code == "InvalidParameterException":
            refused.remedy = _WHO_IS_THERE
        raise
