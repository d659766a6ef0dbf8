"""Sending an event to Amazon EventBridge.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError
from ecr_push.base.shape import each, optional_text
from ecr_push.registry.aws.call import call
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.aws.session import Aws

ATTEMPTS = 3  # each takes up to 35 s: a run does not wait for its event as it does for its image


@dataclass(frozen=True)
class Event:
    """resources: ARNs that it is about, which rules can name."""

    source: str
    detail_type: str
    detail: Mapping[str, Any]
    at: datetime
    resources: Sequence[str] = ()


def put_event(access: Aws, bus: str, event: Event) -> None:
    """Sends one event to a bus, by its name or its ARN. Needs events:PutEvents. Raises RegistryError.

    An answer may be a success and have refused the entry: shape PutEventsResultEntry.
    """
    region = bus.split(":")[3] if bus.startswith("arn:") else ""
    entry = {
        "Time": event.at,
        "Source": event.source,
        "DetailType": event.detail_type,
        "Detail": json.dumps(event.detail, separators=(",", ":")),
        "Resources": list(event.resources),
        "EventBusName": bus,
    }
    try:
        answer = call(
            access.client("events", region=region, attempts=ATTEMPTS), "put_events", Entries=[entry]
        )
    except AwsRefusedError as refused:
        if refused.code != "ResourceNotFoundException":
            raise
        raise RegistryError(
            f"there is no event bus {bus}", why=refused.why, remedy="check --event-bus and the region"
        ) from refused
    with answer_to("events:PutEvents"):
        refused_with = each(
            lambda one: (optional_text(one, "ErrorCode"), optional_text(one, "ErrorMessage")),
            answer,
            "Entries",
        )
    for code, message in refused_with:
        if code:
            raise RegistryError("AWS refused events:PutEvents", why=f"{code}: {message}".rstrip(": "))
