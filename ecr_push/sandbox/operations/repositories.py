"""Private repositories and their settings."""

from __future__ import annotations

from typing import Any, cast

from ecr_push.base.partition import partition_of
from ecr_push.sandbox.model import EcrError, Mutability, MutabilitySetting, StoredRepository
from ecr_push.sandbox.operations.context import Context, Parameters, Result, page, refuse_together
from ecr_push.sandbox.operations.resource_tags import checked_tags
from ecr_push.sandbox.protocol import invalid_parameter


def create_repository(context: Context, parameters: Parameters) -> Result:
    encryption = parameters.get("encryptionConfiguration", {})
    encryption_type = encryption.get("encryptionType", "AES256")
    repository = context.state.repositories.create(
        context.kind,
        parameters["repositoryName"],
        mutability=_mutability(parameters),
        scan_on_push=parameters.get("imageScanningConfiguration", {}).get("scanOnPush", False),
        encryption_type=encryption_type,
        kms_key=_kms_key(context, encryption_type, encryption.get("kmsKey", "")),
        resource_tags=checked_tags(parameters.get("tags", [])),
    )
    return {"repository": describe(context, repository)}


def describe_repositories(context: Context, parameters: Parameters) -> Result:
    refuse_together(parameters, "repositoryNames")
    if names := parameters.get("repositoryNames"):
        found = [context.state.repositories.get(context.kind, name) for name in names]
        return {"repositories": [describe(context, repository) for repository in found]}
    shown, token = page(context.state.repositories.all(context.kind), parameters)
    return {"repositories": [describe(context, repository) for repository in shown], "nextToken": token}


def delete_repository(context: Context, parameters: Parameters) -> Result:
    repository = context.state.repositories.delete(
        context.kind, parameters["repositoryName"], force=parameters.get("force", False)
    )
    return {"repository": describe(context, repository)}


def put_image_tag_mutability(context: Context, parameters: Parameters) -> Result:
    repository = context.state.repositories.change(
        context.kind, parameters["repositoryName"], mutability=_mutability(parameters)
    )
    return context.named(repository) | _mutability_members(repository.mutability)


def put_image_scanning_configuration(context: Context, parameters: Parameters) -> Result:
    repository = context.state.repositories.change(
        context.kind,
        parameters["repositoryName"],
        scan_on_push=parameters["imageScanningConfiguration"].get("scanOnPush", False),
    )
    return context.named(repository) | {"imageScanningConfiguration": {"scanOnPush": repository.scan_on_push}}


def describe(context: Context, repository: StoredRepository) -> Result:
    """Shape Repository of the service model."""
    encryption: dict[str, Any] = {"encryptionType": repository.encryption_type}
    if repository.kms_key:
        encryption["kmsKey"] = repository.kms_key
    return {
        "repositoryArn": repository.arn,
        **context.named(repository),
        "repositoryUri": context.state.uri(repository),
        "createdAt": repository.created_at,
        **_mutability_members(repository.mutability),
        "imageScanningConfiguration": {"scanOnPush": repository.scan_on_push},
        "encryptionConfiguration": encryption,
    }


def _mutability(parameters: Parameters) -> Mutability:
    filters = parameters.get("imageTagMutabilityExclusionFilters", [])
    setting = cast(MutabilitySetting, parameters.get("imageTagMutability", "MUTABLE"))
    return Mutability(setting, tuple(entry["filter"] for entry in filters))


def _mutability_members(mutability: Mutability) -> Result:
    members: Result = {"imageTagMutability": mutability.setting}
    if mutability.exclusions:
        members["imageTagMutabilityExclusionFilters"] = [
            {"filterType": "WILDCARD", "filter": pattern} for pattern in mutability.exclusions
        ]
    return members


def _kms_key(context: Context, encryption_type: str, key: str) -> str:
    """Returns the key's ARN, as ECR shows it: of a default key if none is named. Raises EcrError for a key
    with AES256, and for one in another region than the repository."""
    state = context.state
    if encryption_type == "AES256":
        if key:
            raise invalid_parameter("encryptionConfiguration", "'kmsKey' is only allowed with KMS encryption")
        return ""
    home = f"arn:{partition_of(state.region)}:kms:{state.region}:{state.account}:"
    if not key.startswith("arn:"):
        return home + (key if key.startswith("alias/") else f"key/{key or 'sandbox-default'}")
    if key.split(":")[3] != state.region:
        raise EcrError("KmsException", f"The key '{key}' is not in the region {state.region}")
    return key
