"""CloudTrail's events of a repository. The client is botocore's own; only the wire is stubbed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Registry, Repository
from ecr_push.registry.aws.odd import OddAnswerError
from ecr_push.registry.trail import NAMES, Trail, TrailImage, open_trail
from tests.support.aws import StubAws
from tests.support.fakes import REPOSITORY, START, FakeClock, digest
from tests.support.trail import KIM, event, expired, listed, put, removed

ONE = digest("one").value


def page(*events: dict[str, Any], token: str = "") -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    for number, one in enumerate(events):
        entry = listed(number, one)
        found.append({**entry, "EventTime": datetime.fromtimestamp(entry["EventTime"], timezone.utc)})
    return {"Events": found} | ({"NextToken": token} if token else {})


def asked_for(name: str, *events: dict[str, Any]) -> Any:
    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        [attribute] = parameters["LookupAttributes"]
        return page(*events) if attribute["AttributeValue"] == name else page()

    return answer


def found(name: str, *events: dict[str, Any]) -> Any:
    aws = StubAws({"LookupEvents": asked_for(name, *events)})
    return Trail(aws, FakeClock()).events("team/app", START, 2).events


def test_a_push_has_its_digest_tag_and_caller() -> None:
    [one] = found("PutImage", put("team/app", "1.4.2", ONE, START), put("team/other", "1.4.2", ONE, START))
    assert one.images == (TrailImage(ONE, "1.4.2"),)
    assert (one.who.rpartition("/")[2], one.agent, one.source, one.at) == (
        "run-7",
        "ecr-push",
        "192.0.2.7",
        START.replace(microsecond=0),
    )


def test_what_removes_images() -> None:
    [one] = found("BatchDeleteImage", removed("team/app", START, {"imageTag": "a"}, {"imageDigest": ONE}))
    assert one.images == (TrailImage(tag="a"), TrailImage(ONE))
    [one] = found("PolicyExecutionEvent", expired("team/app", START, ONE, "a", "b"))
    assert one.images == (TrailImage(ONE, "a"), TrailImage(ONE, "b"))
    assert one.who == "AWS Internal"


def test_what_changes_a_repository() -> None:
    asked = {"repositoryName": "team/app", "imageTagMutability": "IMMUTABLE"}
    changed = event("PutImageTagMutability", START, requestParameters=asked, userIdentity={"arn": KIM})
    [one] = found("PutImageTagMutability", changed)
    assert (one.detail, one.who, one.images) == ("IMMUTABLE", KIM, ())
    asked = {"repositoryName": "team/app", "imageId": {"imageDigest": ONE}, "targetStorageClass": "ARCHIVE"}
    [one] = found("UpdateImageStorageClass", event("UpdateImageStorageClass", START, requestParameters=asked))
    assert (one.detail, one.images) == ("ARCHIVE", (TrailImage(ONE),))
    other = event("PutImage", START, eventSource="ecr-public.amazonaws.com", requestParameters=asked)
    assert found("PutImage", other) == ()


def test_pages_are_read_at_two_a_second_and_a_cut_is_said() -> None:
    first = page(put("team/app", "a", ONE, START), token="more")
    second = page(put("team/app", "b", ONE, START + timedelta(minutes=1)), token="more")
    clock = FakeClock()
    aws = StubAws({"LookupEvents": [first, second, page()]})
    story = Trail(aws, clock).events("team/app", START, 2)
    assert story.cut == ("PutImage",)
    assert [name for name, _ in aws.log] == ["LookupEvents"] * (len(NAMES) + 1)
    assert clock.seconds == pytest.approx(0.5 * len(NAMES))
    assert aws.log[1][1]["NextToken"] == "more"


def test_within_a_second_tags_are_set_before_one_is_removed() -> None:
    """CloudTrail's times are exact to a second."""

    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        name = parameters["LookupAttributes"][0]["AttributeValue"]
        events = {
            "PutImage": [put("team/app", "b", ONE, START), put("team/app", "a", ONE, START)],
            "BatchDeleteImage": [removed("team/app", START, {"imageTag": "candidate"})],
        }
        return page(*events.get(name, ()))

    story = Trail(StubAws({"LookupEvents": answer}), FakeClock()).events("team/app", START, 2)
    names = [one.name for one in story.events]
    assert names == sorted(names, reverse=True) and names[-1] == "BatchDeleteImage"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"eventSource": 7}', "[" * 3000])
def test_an_event_that_is_none_is_an_error(content: str) -> None:
    answer = {"Events": [{"EventName": "PutImage", "EventTime": START, "CloudTrailEvent": content}]}
    with pytest.raises(OddAnswerError):
        Trail(StubAws({"LookupEvents": answer}), FakeClock()).events("team/app", START, 1)


def test_another_account_is_not_asked() -> None:
    aws = StubAws({"GetCallerIdentity": {"Arn": "arn:aws:iam::210987654321:user/kim"}})
    with pytest.raises(RegistryError, match="the events of 210987654321 alone"):
        open_trail(aws, REPOSITORY, FakeClock())
    local = Repository(Registry.parse("127.0.0.1:5000"), "team/app")
    assert open_trail(aws, local, FakeClock())
    assert json.dumps(aws.operations) == '["GetCallerIdentity"]'
