"""Which permissions a call needs, and on which resource.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistrypublic.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecr_push.base.iam.ecr_actions import WITHOUT_RESOURCE
from ecr_push.base.partition import partition_of
from ecr_push.sandbox.creation import TEMPLATES
from ecr_push.sandbox.model import Kind
from ecr_push.sandbox.permissions.need import Need, on_repository
from ecr_push.sandbox.protocol import ApiCall
from ecr_push.sandbox.scan_rules import scanning_configuration
from ecr_push.sandbox.state import State

# Operations without an action of their own, with the one that they need.
_RENAMED = {"ListImageReferrers": "BatchGetImage"}
_OF_REGISTRY = {"DescribeRegistries", "GetRegistryCatalogData", "PutRegistryCatalogData"}
# Operations that make a role for ECR: for which service, its name, and the key of RegistrySettings.extra that
# shows that the role is there.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/slr-rct.html, and slr-replication.html,
# slr-pullthroughcache.html beside it
_LINKED = {
    "PutReplicationConfiguration": (
        "replication.ecr.amazonaws.com",
        "AWSServiceRoleForECRReplication",
        "replication",
    ),
    "CreatePullThroughCacheRule": (
        "pullthroughcache.ecr.amazonaws.com",
        "AWSServiceRoleForECRPullThroughCache",
        "pullThroughCacheRules",
    ),
    "CreateRepositoryCreationTemplate": ("ecr.amazonaws.com", "AWSServiceRoleForECRTemplate", TEMPLATES),
}
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-enabling.html
_FINDINGS_OF_INSPECTOR = ("inspector2:ListFindings", "inspector2:ListCoverage")


def needs(call: ApiCall, state: State, registry: str) -> Iterator[Need]:
    """What a call of the AWS API needs. registry: the account whose registry it is about."""
    operation, parameters = call.operation, call.parameters
    name_of_action = _RENAMED.get(operation, operation)
    action = f"{call.service}:{name_of_action}"
    if call.service == "sts":
        yield Need(action, parameters.get("RoleArn", "*"), _account_of(parameters.get("RoleArn", "")))
        return
    if call.service == "iam":
        principal = parameters.get("PolicySourceArn", "*")
        yield Need(action, principal, _account_of(principal))
        return
    if call.service == "kms":
        yield _on_key(state, operation, parameters.get("KeyId", ""))
        return
    if call.service == "service-quotas":
        yield Need(f"servicequotas:{operation}")
        return
    if call.service == "inspector2" or operation in WITHOUT_RESOURCE:
        yield Need(action)
        if call.service == "ecr-public" and operation == "GetAuthorizationToken":
            yield Need(
                "sts:GetServiceBearerToken", context={"sts:AWSServiceName": "ecr-public.amazonaws.com"}
            )
        yield from _of_template(state, operation, parameters)
        yield from _linked_role(state, operation)
        return
    kind: Kind = "public" if call.service == "ecr-public" else "private"
    if operation in _OF_REGISTRY:
        yield Need(action, f"arn:aws:ecr-public::{state.account}:registry/{state.account}", state.account)
        return
    tags = _tag_keys(parameters)
    for name in _names(parameters):
        yield on_repository(name_of_action, kind, state, name, registry=registry, context=tags)
        if operation == "CreateRepository" and tags:
            yield on_repository("TagResource", kind, state, name, registry=registry, context=tags)
    if operation == "CreateRepository":
        yield from _of_key(state, parameters.get("encryptionConfiguration", {}).get("kmsKey", ""))
    if operation == "DescribeImageScanFindings" and _is_enhanced(state):
        yield from (Need(one) for one in _FINDINGS_OF_INSPECTOR)


def _names(parameters: Mapping[str, Any]) -> Sequence[str]:
    """The repositories that a call names; `*` for all of them."""
    if names := parameters.get("repositoryNames"):
        return tuple(names)
    if arn := parameters.get("resourceArn"):
        return (str(arn).partition(":repository/")[2] or "*",)
    return (parameters.get("repositoryName") or "*",)


def _of_key(state: State, key: str) -> Iterator[Need]:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html"""
    if key:
        yield from (_on_key(state, one, key) for one in ("DescribeKey", "CreateGrant"))


def _on_key(state: State, operation: str, key: str) -> Need:
    """A policy names a key by its ARN, which has its id, or by an alias in a condition.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    home = f"arn:{partition_of(state.region)}:kms:{state.region}:{state.account}"
    arn = key if key.startswith("arn:") else f"{home}:{key if key.startswith('alias/') else f'key/{key}'}"
    before, is_alias, alias = arn.partition(":alias/")
    if not is_alias:
        return Need(f"kms:{operation}", arn, _account_of(arn))
    keys = {"kms:ResourceAliases": [f"alias/{alias}"], "kms:RequestAlias": f"alias/{alias}"}
    return Need(f"kms:{operation}", f"{before}:key/of-{alias}", _account_of(arn), context=keys)


def _of_template(state: State, operation: str, parameters: Mapping[str, Any]) -> Iterator[Need]:
    """What ECR will do by a template, and which role it gets."""
    is_template = operation in ("CreateRepositoryCreationTemplate", "UpdateRepositoryCreationTemplate")
    if is_template:
        yield on_repository("CreateRepository", "private", state, "*")
        for member, action in (
            ("lifecyclePolicy", "PutLifecyclePolicy"),
            ("repositoryPolicy", "SetRepositoryPolicy"),
        ):
            if parameters.get(member):
                yield on_repository(action, "private", state, "*")
    if role := parameters.get("customRoleArn"):
        to = "ecr.amazonaws.com" if is_template else "pullthroughcache.ecr.amazonaws.com"
        yield Need("iam:PassRole", role, _account_of(role), context={"iam:PassedToService": to})


def _linked_role(state: State, operation: str) -> Iterator[Need]:
    """The role that ECR makes for itself with the first configuration of a kind.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/using-service-linked-roles.html
    """
    service, name, kept = _LINKED.get(operation, ("", "", ""))
    if service and not state.settings.extra.get(kept):
        home = f"arn:{partition_of(state.region)}:iam::{state.account}"
        role = f"{home}:role/aws-service-role/{service}/{name}"
        keys = {"iam:AWSServiceName": service}
        yield Need("iam:CreateServiceLinkedRole", role, state.account, context=keys)


def _tag_keys(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """`aws:RequestTag` and `aws:TagKeys`."""
    tags = {
        str(one.get("Key")): str(one.get("Value", ""))
        for one in parameters.get("tags") or ()
        if isinstance(one, Mapping)
    }
    keys = [*tags, *parameters.get("tagKeys", ())]
    context: dict[str, Any] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    return {**context, "aws:TagKeys": keys} if keys else context


def _is_enhanced(state: State) -> bool:
    return bool(scanning_configuration(state.settings)["scanType"] == "ENHANCED")


def _account_of(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 else ""
