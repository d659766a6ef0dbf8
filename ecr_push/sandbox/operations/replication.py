"""Replication: its configuration, and the status of each image. Nothing is copied: there is one registry.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecr_push.base.partition import partition_of
from ecr_push.sandbox.model import Image
from ecr_push.sandbox.operations.context import Context, Parameters, Result
from ecr_push.sandbox.protocol import invalid_parameter

MAX_RULES = 10
MAX_DESTINATIONS = 25
_CONFIGURATION, _CONFIGURED_AT = "replication", "replicationConfiguredAt"  # in RegistrySettings.extra


def put_replication_configuration(context: Context, parameters: Parameters) -> Result:
    configuration = parameters["replicationConfiguration"]
    if found := "; ".join(_problems(context, configuration["rules"])):
        raise invalid_parameter("replicationConfiguration", found)
    extra = {
        **context.state.settings.extra,
        _CONFIGURATION: configuration,
        _CONFIGURED_AT: context.state.clock(),
    }
    context.state.change_settings(extra=extra)
    return {"replicationConfiguration": configuration}


def describe_image_replication_status(context: Context, parameters: Parameters) -> Result:
    """COMPLETE for each destination of an image that was pushed after the configuration was put."""
    image = context.image(parameters, parameters["imageId"])
    name = parameters["repositoryName"]
    statuses = [
        {"region": one["region"], "registryId": one["registryId"], "status": "COMPLETE"}
        for one in _destinations(context, name, image)
    ]
    image_id = {"imageDigest": image.digest, "imageTag": parameters["imageId"].get("imageTag")}
    return {"repositoryName": name, "imageId": image_id, "replicationStatuses": statuses}


def _problems(context: Context, rules: list[dict[str, Any]]) -> Iterator[str]:
    if len(rules) > MAX_RULES:
        yield f"there are {len(rules)} rules, {MAX_RULES} are allowed"
    places = [(one["region"], one["registryId"]) for rule in rules for one in rule["destinations"]]
    if len(set(places)) > MAX_DESTINATIONS:
        yield f"there are {len(set(places))} destinations, {MAX_DESTINATIONS} are allowed"
    here = context.state.region
    for region, registry in places:
        if (region, registry) == (here, context.state.account):
            yield "a registry cannot be replicated to itself"
        elif partition_of(region) != partition_of(here):
            yield f"{region} is in another partition"
    if any(not rule["destinations"] for rule in rules):
        yield "a rule has no destination"


def _destinations(context: Context, name: str, image: Image) -> Iterator[dict[str, str]]:
    extra = context.state.settings.extra
    if image.pushed_at < extra.get(_CONFIGURED_AT, 0.0):
        return  # nothing that was there before is replicated
    for rule in extra.get(_CONFIGURATION, {"rules": []})["rules"]:
        filters = [one["filter"] for one in rule.get("repositoryFilters", [])]
        if not filters or any(name.startswith(prefix) for prefix in filters):
            yield from rule["destinations"]
