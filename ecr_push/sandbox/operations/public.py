"""The operations of ECR Public alone: the registry with its alias, the catalog, tags with details."""

from __future__ import annotations

from ecr_push.sandbox.model import StoredRepository
from ecr_push.sandbox.operations.context import Context, Parameters, Result, page, refuse_together
from ecr_push.sandbox.operations.images import size_in_bytes
from ecr_push.sandbox.operations.resource_tags import checked_tags


def create_repository(context: Context, parameters: Parameters) -> Result:
    catalog = {
        name: value
        for name, value in parameters.get("catalogData", {}).items()
        if name != "logoImageBlob"  # ECR returns a URL; the sandbox hosts no logos
    }
    repository = context.state.repositories.create(
        "public",
        parameters["repositoryName"],
        catalog=catalog,
        resource_tags=checked_tags(parameters.get("tags", [])),
    )
    return {"repository": describe(context, repository), "catalogData": catalog}


def describe_repositories(context: Context, parameters: Parameters) -> Result:
    refuse_together(parameters, "repositoryNames")
    if names := parameters.get("repositoryNames"):
        found = [context.state.repositories.get("public", name) for name in names]
        return {"repositories": [describe(context, repository) for repository in found]}
    shown, token = page(context.state.repositories.all("public"), parameters)
    return {"repositories": [describe(context, repository) for repository in shown], "nextToken": token}


def delete_repository(context: Context, parameters: Parameters) -> Result:
    repository = context.state.repositories.delete(
        "public", parameters["repositoryName"], force=parameters.get("force", False)
    )
    return {"repository": describe(context, repository)}


def describe_registries(context: Context, _: Parameters) -> Result:
    state = context.state
    alias = {
        "name": state.alias,
        "status": "ACTIVE",
        "primaryRegistryAlias": True,
        "defaultRegistryAlias": False,
    }
    registry = {
        "registryId": state.account,
        "registryArn": f"arn:aws:ecr-public::{state.account}:registry/{state.account}",
        "registryUri": f"{state.hosts['public']}/{state.alias}",
        "verified": False,
        "aliases": [alias],
    }
    return {"registries": [registry]}


def describe_image_tags(context: Context, parameters: Parameters) -> Result:
    repository = context.repository(parameters)
    details = [
        {
            "imageTag": tag,
            "createdAt": image.pushed_at,
            "imageDetail": {
                "imageDigest": image.digest,
                "imageSizeInBytes": size_in_bytes(context, repository.name, image),
                "imagePushedAt": image.pushed_at,
                "imageManifestMediaType": image.media_type,
                "artifactMediaType": image.artifact_type or None,
            },
        }
        for image in context.state.images.all("public", repository.name)
        for tag in image.tags
    ]
    shown, token = page(details, parameters)
    return {"imageTagDetails": shown, "nextToken": token}


def get_repository_catalog_data(context: Context, parameters: Parameters) -> Result:
    return {"catalogData": dict(context.repository(parameters).catalog)}


def put_repository_catalog_data(context: Context, parameters: Parameters) -> Result:
    repository = context.repository(parameters)
    given = {name: value for name, value in parameters["catalogData"].items() if name != "logoImageBlob"}
    changed = context.state.repositories.change(
        "public", repository.name, catalog={**repository.catalog, **given}
    )
    return {"catalogData": dict(changed.catalog)}


def describe(context: Context, repository: StoredRepository) -> Result:
    """Shape Repository of ECR Public, which has neither mutability nor scanning."""
    return {
        "repositoryArn": repository.arn,
        **context.named(repository),
        "repositoryUri": context.state.uri(repository),
        "createdAt": repository.created_at,
    }
