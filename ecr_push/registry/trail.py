"""What CloudTrail knows of a repository: who pushed, tagged and deleted, in the last 90 days.

LookupEvents takes one attribute, two calls a second for an account and region, and answers pages of 50.
Operations are asked for one by one: that a repository's events are found by its name is not documented.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ecr_push.base.clock import Clock
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Repository
from ecr_push.base.shape import OddValueError, each, items, mapping, optional_text, optional_time, text
from ecr_push.registry.aws.call import call
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.aws.session import Aws
from ecr_push.registry.repositories import Repositories

PAGE = 50
PAUSE_SECONDS = 0.5
# What changes an image, a tag, or what may happen to them. Lifecycle policies act by an event of their own.
LIFECYCLE = "PolicyExecutionEvent"
NAMES = (
    *("PutImage", "BatchDeleteImage", LIFECYCLE, "UpdateImageStorageClass"),
    *("PutImageTagMutability", "CreateRepository", "DeleteRepository"),
)


@dataclass(frozen=True)
class TrailImage:
    """What an event names: a digest, a tag, or both. Texts, as the event has them."""

    digest: str = ""
    tag: str = ""


@dataclass(frozen=True)
class TrailEvent:
    """One event. Texts are empty where it does not say.

    who:    the ARN of the caller; for a lifecycle policy the service that acted.
    agent:  the client's own name. source: its address, or the service that called.
    images: what it was about; none for one of the whole repository.
    error:  the code with which AWS refused; such an event changed nothing.
    detail: such as the mutability that was set, or the rule of a lifecycle policy.
    """

    id: str
    name: str
    at: datetime
    who: str = ""
    agent: str = ""
    source: str = ""
    images: tuple[TrailImage, ...] = ()
    error: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Found:
    """events: in the order of time. cut: the operations of which there are more than were read."""

    events: tuple[TrailEvent, ...]
    cut: tuple[str, ...] = ()


def open_trail(access: Aws, repository: Repository, clock: Clock) -> Trail:
    """Where the events of a repository are. Raises RegistryError for one of another account."""
    account = repository.registry.account
    if account and account != (own := Repositories(access).caller().account):
        raise RegistryError(
            f"CloudTrail shows the events of {own} alone, and the repository is of {account}",
            remedy="use credentials of that account: --role or --profile",
        )
    return Trail(access, clock, repository.registry.region)


class Trail:
    """Events of the caller's own account; needs cloudtrail:LookupEvents. Raises RegistryError.

    region: "" for the one in effect.
    """

    def __init__(self, access: Aws, clock: Clock, region: str = "") -> None:
        self._aws = access
        self._clock = clock
        self._region = region
        self._asked_at: float | None = None

    def events(self, repository: str, since: datetime, most_pages: int) -> Found:
        """Those of a repository, by its name. most_pages: of each operation."""
        found: dict[str, TrailEvent] = {}
        cut = []
        for name in NAMES:
            token = ""
            for _ in range(most_pages):
                events, token = self._page(name, since, token)
                found |= {one.id: one for about, one in events if about == repository}
                if not token:
                    break
            if token:
                cut.append(name)
        return Found(tuple(sorted(found.values(), key=_order)), tuple(cut))

    def _page(self, name: str, since: datetime, token: str) -> tuple[list[tuple[str, TrailEvent]], str]:
        """Events of all repositories, each with its repository's name."""
        if self._asked_at is not None:
            self._clock.sleep(max(0.0, self._asked_at + PAUSE_SECONDS - self._clock.monotonic()))
        self._asked_at = self._clock.monotonic()
        by_name = [{"AttributeKey": "EventName", "AttributeValue": name}]
        more = {"NextToken": token} if token else {}
        answer = call(
            self._aws.client("cloudtrail", region=self._region),
            "lookup_events",
            LookupAttributes=by_name,
            StartTime=since,
            MaxResults=PAGE,
            **more,
        )
        with answer_to("cloudtrail:LookupEvents"):
            found = each(read_event, answer, "Events")
            return [one for one in found if one], optional_text(answer, "NextToken")


def _order(one: TrailEvent) -> tuple[datetime, int, str]:
    """By time, which is exact to a second: within one a release sets its tags and removes the candidate's."""
    return one.at, NAMES.index(one.name) if one.name in NAMES else len(NAMES), one.id


def read_event(listed: Mapping[str, Any]) -> tuple[str, TrailEvent] | None:
    """The repository's name, and what happened; None for another service's event of the same name.

    Raises OddValueError for what is not an event at all.
    """
    whole = _parsed(text(listed, "CloudTrailEvent"))
    if optional_text(whole, "eventSource") not in ("", "ecr.amazonaws.com"):
        return None
    name = text(listed, "EventName")
    at = optional_time(listed, "EventTime") or optional_time(whole, "eventTime")
    if at is None:
        raise OddValueError("EventTime", "is absent")
    asked, answered = mapping(whole, "requestParameters"), mapping(whole, "responseElements")
    service = mapping(whole, "serviceEventDetails")
    repository = optional_text(asked, "repositoryName") or optional_text(service, "repositoryName")
    images = tuple(dict.fromkeys(_images(name, asked, answered, service)))
    return repository, TrailEvent(
        optional_text(listed, "EventId"),
        name,
        at,
        _who(whole),
        optional_text(whole, "userAgent"),
        optional_text(whole, "sourceIPAddress"),
        images,
        optional_text(whole, "errorCode"),
        _detail(name, asked),
    )


def _parsed(content: str) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise OddValueError("CloudTrailEvent", "is not JSON") from error
    return mapping({"CloudTrailEvent": found}, "CloudTrailEvent")


def _who(whole: Mapping[str, Any]) -> str:
    identity = mapping(whole, "userIdentity")
    return optional_text(identity, "arn") or optional_text(identity, "invokedBy")


def _images(
    name: str, asked: Mapping[str, Any], answered: Mapping[str, Any], service: Mapping[str, Any]
) -> Iterator[TrailImage]:
    if name == LIFECYCLE:
        for action in items(service, "lifecycleEventImageActions"):
            image = mapping(action, "lifecycleEventImage")
            tags = [one for one in items(image, "tagList") if isinstance(one, str)]
            for tag in tags or [""]:
                yield TrailImage(optional_text(image, "digest"), tag)
    elif name == "PutImage":
        put = mapping(answered, "image", "imageId")
        yield TrailImage(
            optional_text(put, "imageDigest") or optional_text(asked, "imageDigest"),
            optional_text(put, "imageTag") or optional_text(asked, "imageTag"),
        )
    else:
        one = mapping(asked, "imageId")
        for image in [one] if one else (items(answered, "imageIds") or items(asked, "imageIds")):
            yield TrailImage(optional_text(image, "imageDigest"), optional_text(image, "imageTag"))


def _detail(name: str, asked: Mapping[str, Any]) -> str:
    keys = {"PutImageTagMutability": "imageTagMutability", "UpdateImageStorageClass": "targetStorageClass"}
    return optional_text(asked, keys[name]) if name in keys else ""
