"""Managed signing: its configuration, and how far each image is. Nothing is signed: there is no key.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecr_push.sandbox.model import EcrError, Image
from ecr_push.sandbox.operations.context import Context, Parameters, Result
from ecr_push.sandbox.wildcard import matches

_CONFIGURATION, _CONFIGURED_AT = "signing", "signingConfiguredAt"  # in RegistrySettings.extra


def put_signing_configuration(context: Context, parameters: Parameters) -> Result:
    configuration = parameters["signingConfiguration"]
    extra = {_CONFIGURATION: configuration, _CONFIGURED_AT: context.state.clock()}
    context.state.change_settings(extra={**context.state.settings.extra, **extra})
    return {"signingConfiguration": configuration}


def get_signing_configuration(context: Context, _: Parameters) -> Result:
    found = context.state.settings.extra.get(_CONFIGURATION)
    if not found:
        raise EcrError(
            "SigningConfigurationNotFoundException",
            f"Signing configuration does not exist in the registry with id '{context.state.account}'",
        )
    return {"registryId": context.state.account, "signingConfiguration": found}


def delete_signing_configuration(context: Context, parameters: Parameters) -> Result:
    """What was signed stays so."""
    deleted = get_signing_configuration(context, parameters)
    context.state.change_settings(extra={**context.state.settings.extra, _CONFIGURATION: None})
    return deleted


def describe_image_signing_status(context: Context, parameters: Parameters) -> Result:
    """A status for each profile of an image that was pushed after the configuration was put.

    The scenario says how long it is IN_PROGRESS, and whether it fails.
    """
    image = context.image(parameters, parameters["imageId"])
    name = parameters["repositoryName"]
    image_id = {"imageDigest": image.digest, "imageTag": parameters["imageId"].get("imageTag")}
    statuses = [
        {"signingProfileArn": profile, **_status(context, image)}
        for profile in dict.fromkeys(_profiles(context, name, image))
    ]
    registry = {"registryId": context.state.account}
    return {**registry, "repositoryName": name, "imageId": image_id, "signingStatuses": statuses}


def _profiles(context: Context, name: str, image: Image) -> Iterator[str]:
    extra = context.state.settings.extra
    if image.pushed_at < extra.get(_CONFIGURED_AT, 0.0):
        return  # ECR signs what is pushed
    for rule in (extra.get(_CONFIGURATION) or {"rules": []})["rules"]:
        filters = [one["filter"] for one in rule.get("repositoryFilters", [])]
        if not filters or any(matches(one, name) for one in filters):
            yield rule["signingProfileArn"]


def _status(context: Context, image: Image) -> dict[str, Any]:
    signing = context.faults.scenario.signing
    if context.state.clock() < image.pushed_at + signing.delay:
        return {"status": "IN_PROGRESS"}
    if signing.failure:
        return {"status": "FAILED", "failureCode": signing.failure, "failureReason": signing.reason}
    return {"status": "COMPLETE"}
