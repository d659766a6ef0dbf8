"""Managed signing: its configuration, and how far each image is. Nothing is signed: there is no key.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
"""

from __future__ import annotations

from typing import Any

from ecr_push.sandbox.managed_signing import CONFIGURATION, profiles
from ecr_push.sandbox.model import EcrError, Image
from ecr_push.sandbox.operations.context import Context, Parameters, Result

_CONFIGURED_AT = "signingConfiguredAt"  # in RegistrySettings.extra


def put_signing_configuration(context: Context, parameters: Parameters) -> Result:
    configuration = parameters["signingConfiguration"]
    extra = {CONFIGURATION: configuration, _CONFIGURED_AT: context.state.clock()}
    context.state.change_settings(extra={**context.state.settings.extra, **extra})
    return {"signingConfiguration": configuration}


def get_signing_configuration(context: Context, _: Parameters) -> Result:
    found = context.state.settings.extra.get(CONFIGURATION)
    if not found:
        raise EcrError(
            "SigningConfigurationNotFoundException",
            f"Signing configuration does not exist in the registry with id '{context.state.account}'",
        )
    return {"registryId": context.state.account, "signingConfiguration": found}


def delete_signing_configuration(context: Context, parameters: Parameters) -> Result:
    """What was signed stays so."""
    deleted = get_signing_configuration(context, parameters)
    context.state.change_settings(extra={**context.state.settings.extra, CONFIGURATION: None})
    return deleted


def describe_image_signing_status(context: Context, parameters: Parameters) -> Result:
    """A status for each profile of an image that was pushed after the configuration was put.

    The scenario says how long it is IN_PROGRESS, and whether it fails; where policies apply, it fails for who
    may not sign, too.
    """
    image = context.image(parameters, parameters["imageId"])
    name = parameters["repositoryName"]
    image_id = {"imageDigest": image.digest, "imageTag": parameters["imageId"].get("imageTag")}
    configured_at = context.state.settings.extra.get(_CONFIGURED_AT, 0.0)
    signed_with = profiles(context.state, name) if image.pushed_at >= configured_at else ()
    statuses = [
        {"signingProfileArn": profile, **_status(context, image, image.unsigned.get(profile, ""))}
        for profile in signed_with
    ]
    registry = {"registryId": context.state.account}
    return {**registry, "repositoryName": name, "imageId": image_id, "signingStatuses": statuses}


def _status(context: Context, image: Image, refused: str) -> dict[str, Any]:
    """refused: why the one who pushed the image may not sign it."""
    signing = context.faults.scenario.signing
    if context.state.clock() < image.pushed_at + signing.delay:
        return {"status": "IN_PROGRESS"}
    failure = signing.failure or ("AccessDenied" if refused else "")
    if failure:
        return {"status": "FAILED", "failureCode": failure, "failureReason": signing.reason or refused}
    return {"status": "COMPLETE"}
