"""The operations of ECR Public alone: the registry with its alias, the catalog, tags with details."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from ecr_push.sandbox.model import StoredRepository
from ecr_push.sandbox.operations.context import Context, Parameters, Result, page, refuse_together
from ecr_push.sandbox.operations.images import size_in_bytes
from ecr_push.sandbox.operations.resource_tags import checked_tags

_REGISTRY_CATALOG = "registryCatalog"  # a name of RegistrySettings.extra


def create_repository(context: Context, parameters: Parameters) -> Result:
    repository = context.state.repositories.create(
        "public",
        parameters["repositoryName"],
        catalog=_kept(parameters.get("catalogData", {})),
        resource_tags=checked_tags(parameters.get("tags", [])),
    )
    return {"repository": describe(context, repository), "catalogData": _shown(context, repository)}


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
    return {"catalogData": _shown(context, context.repository(parameters))}


def put_repository_catalog_data(context: Context, parameters: Parameters) -> Result:
    repository = context.repository(parameters)
    changed = context.state.repositories.change(
        "public", repository.name, catalog={**repository.catalog, **_kept(parameters["catalogData"])}
    )
    return {"catalogData": _shown(context, changed)}


def get_registry_catalog_data(context: Context, _: Parameters) -> Result:
    return {"registryCatalogData": context.state.settings.extra.get(_REGISTRY_CATALOG, {})}


def put_registry_catalog_data(context: Context, parameters: Parameters) -> Result:
    """ECR Public shows the name in its gallery for verified accounts alone; the API takes it from all."""
    catalog = {"displayName": parameters["displayName"]} if "displayName" in parameters else {}
    context.state.change_settings(extra={**context.state.settings.extra, _REGISTRY_CATALOG: catalog})
    return {"registryCatalogData": catalog}


def _kept(given: Mapping[str, Any]) -> dict[str, Any]:
    """Shape RepositoryCatalogDataInput as it is kept: JSON, with the logo in base64."""
    logo = given.get("logoImageBlob")
    return {**given, **({"logoImageBlob": base64.b64encode(logo).decode()} if logo else {})}


def _shown(context: Context, repository: StoredRepository) -> Result:
    """Shape RepositoryCatalogData: the logo is an address, at which the sandbox serves it."""
    shown = {name: value for name, value in repository.catalog.items() if name != "logoImageBlob"}
    if logo := repository.catalog.get("logoImageBlob"):
        shown["logoUrl"] = context.state.logo_url(base64.b64decode(logo))
    return shown


def describe(context: Context, repository: StoredRepository) -> Result:
    """Shape Repository of ECR Public, which has neither mutability nor scanning."""
    return {
        "repositoryArn": repository.arn,
        **context.named(repository),
        "repositoryUri": context.state.uri(repository),
        "createdAt": repository.created_at,
    }
