"""Replication: its configuration, the status of each image, and backfills.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecr_push.base.partition import partition_of
from ecr_push.base.place import Place
from ecr_push.sandbox.operations.context import Context, Parameters, Result, page
from ecr_push.sandbox.protocol import invalid_parameter
from ecr_push.sandbox.replication.replicas import CONFIGURATION

MAX_RULES = 10
MAX_DESTINATIONS = 25


def put_replication_configuration(context: Context, parameters: Parameters) -> Result:
    configuration = parameters["replicationConfiguration"]
    if found := "; ".join(_problems(context, configuration["rules"])):
        raise invalid_parameter("replicationConfiguration", found)
    context.state.change_settings(extra={**context.state.settings.extra, CONFIGURATION: configuration})
    return {"replicationConfiguration": configuration}


def describe_image_replication_status(context: Context, parameters: Parameters) -> Result:
    """A status for each destination of an image that was pushed after the configuration was put."""
    image = context.image(parameters, parameters["imageId"])
    name, tag = parameters["repositoryName"], parameters["imageId"].get("imageTag")
    replicas, scenario = context.state.replicas, context.faults.scenario.replication
    return {
        "repositoryName": name,
        "imageId": {"imageDigest": image.digest, "imageTag": tag},
        "replicationStatuses": replicas.statuses(name, image.digest, tag or "", scenario),
    }


def start_replication_backfill(context: Context, parameters: Parameters) -> Result:
    place = Place(parameters["destination"]["region"], parameters["destination"]["registryId"])
    found = context.state.replicas.start_backfill(place)
    return _without(context, found.document(), "progress", "endedAt", "failureCode")


def stop_replication_backfill(context: Context, parameters: Parameters) -> Result:
    _settle(context)
    found = context.state.replicas.backfills.stop(parameters["replicationBackfillId"])
    return _without(context, found.document(), "progress", "endedAt", "failureCode")


def list_replication_backfills(context: Context, parameters: Parameters) -> Result:
    _settle(context)
    found = [one.document() for one in context.state.replicas.backfills.all()]
    shown, token = page(found, parameters, default=50)
    return {"registryId": context.state.account, "backfills": list(shown), "nextToken": token}


def describe_replication_backfill_results(context: Context, parameters: Parameters) -> Result:
    _settle(context)
    found = context.state.replicas.backfills.get(parameters["replicationBackfillId"])
    asked = parameters.get("resultStatusFilter")
    results = [one for one in found.results() if asked in (None, one["status"])]
    shown, token = page(results, parameters)
    return {**_without(context, found.document()), "results": list(shown), "nextToken": token}


def _settle(context: Context) -> None:
    context.state.replicas.settle(context.faults.scenario.replication)


def _without(context: Context, document: Result, *names: str) -> Result:
    kept = {name: value for name, value in document.items() if name not in names}
    return {"registryId": context.state.account, **kept}


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
