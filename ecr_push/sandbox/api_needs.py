"""Which permissions a call needs, and on which resource.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistrypublic.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ecr_push.base.iam.ecr_actions import WITHOUT_RESOURCE
from ecr_push.base.partition import partition_of
from ecr_push.sandbox.model import Kind
from ecr_push.sandbox.permissions.need import Need, on_repository
from ecr_push.sandbox.protocol import ApiCall
from ecr_push.sandbox.scan_rules import scanning_configuration
from ecr_push.sandbox.state import State

# Operations without an action of their own, with the one that they need.
_RENAMED = {"ListImageReferrers": "BatchGetImage"}
_OF_REGISTRY = {"DescribeRegistries", "GetRegistryCatalogData", "PutRegistryCatalogData"}
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
    if call.service == "inspector2" or operation in WITHOUT_RESOURCE:
        yield Need(action)
        if call.service == "ecr-public" and operation == "GetAuthorizationToken":
            yield Need(
                "sts:GetServiceBearerToken", context={"sts:AWSServiceName": "ecr-public.amazonaws.com"}
            )
        yield from _of_template(operation, parameters)
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
        home = f"arn:{partition_of(state.region)}:kms:{state.region}:{state.account}"
        arn = key if key.startswith("arn:") else f"{home}:{key if key.startswith('alias/') else f'key/{key}'}"
        yield from (Need(f"kms:{one}", arn, _account_of(arn)) for one in ("DescribeKey", "CreateGrant"))


def _of_template(operation: str, parameters: Mapping[str, Any]) -> Iterator[Need]:
    if operation.endswith("RepositoryCreationTemplate") and (role := parameters.get("customRoleArn")):
        yield Need("iam:PassRole", role, _account_of(role))


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
