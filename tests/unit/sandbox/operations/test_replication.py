"""Replication: its configuration, what arrives where, when, and with which tags, and backfills."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecr_push.base.place import Place
from ecr_push.sandbox.scenario import parse_scenario
from ecr_push.sandbox.state import State
from tests.support.sandbox.api import ACCOUNT, REGION, Api

ASK = {"repositoryName": "team/app"}
OTHER = "us-east-1"


def to(*places: tuple[str, str], prefix: str = "", deletes: bool = False) -> dict[str, Any]:
    filters = [{"filter": prefix, "filterType": "PREFIX_MATCH"}] if prefix else []
    destinations = [{"region": region, "registryId": account} for region, account in places]
    return {
        "destinations": destinations,
        **({"repositoryFilters": filters} if filters else {}),
        **({"deleteReplication": {"enabled": True}} if deletes else {}),
    }


def replicate(api: Api, *rules: dict[str, Any]) -> None:
    api.call("PutReplicationConfiguration", replicationConfiguration={"rules": list(rules)})


def there(api: Api, region: str = OTHER) -> State:
    found = api.state.replicas.state_of(Place(region, ACCOUNT), api.faults.scenario.replication)
    assert found
    return found


def statuses(api: Api, **image: str) -> list[tuple[str, str, str]]:
    found = api.call("DescribeImageReplicationStatus", **ASK, imageId=image)["replicationStatuses"]
    return [(one["region"], one["status"], one.get("failureCode", "")) for one in found]


def test_what_is_pushed_from_then_on_is_replicated(app: Api) -> None:
    before = app.push("team/app", "1.0", content="a")
    rules = [to((OTHER, ACCOUNT), prefix="team/"), to(("us-west-2", "999999999999"), prefix="x/")]
    replicate(app, *rules)
    assert app.call("DescribeRegistry")["replicationConfiguration"] == {"rules": rules}
    after = app.push("team/app", "1.1", content="b")
    assert statuses(app, imageDigest=before) == []
    assert statuses(app, imageTag="1.1") == [(OTHER, "COMPLETE", "")]
    assert there(app).images.tags("private", "team/app") == {"1.1": after}


def test_an_image_is_on_its_way_as_long_as_the_scenario_says(app: Api) -> None:
    replicate(app, to((OTHER, ACCOUNT), ("us-west-2", ACCOUNT)))
    app.faults.play(parse_scenario("replication: {delay: 5, region: us-west-2}"))
    app.push("team/app", "1.0")
    assert statuses(app, imageTag="1.0") == [(OTHER, "COMPLETE", ""), ("us-west-2", "IN_PROGRESS", "")]
    app.now += 5
    assert statuses(app, imageTag="1.0") == [(OTHER, "COMPLETE", ""), ("us-west-2", "COMPLETE", "")]
    app.faults.play(parse_scenario("replication: {failure: AccessDenied}"))
    app.push("team/app", "latest", content="1.0")
    assert statuses(app, imageTag="latest") == [
        (OTHER, "FAILED", "AccessDenied"),
        ("us-west-2", "FAILED", "AccessDenied"),
    ]
    assert statuses(app, imageTag="1.0")[0] == (OTHER, "COMPLETE", "")
    assert there(app).images.tags("private", "team/app").keys() == {"1.0"}


def test_a_tag_that_is_immutable_there_stays_and_the_image_arrives_without_it(app: Api) -> None:
    replicate(app, to((OTHER, ACCOUNT)))
    template = {"prefix": "team", "appliedFor": ["REPLICATION"], "imageTagMutability": "IMMUTABLE"}
    there(app).change_settings(extra={"repositoryCreationTemplates": {"team": template}})
    first = app.push("team/app", "1.0", "latest", content="a")
    second = app.push("team/app", "1.1", "latest", content="b")
    assert there(app).images.tags("private", "team/app") == {"1.0": first, "latest": first, "1.1": second}
    assert app.state.images.tags("private", "team/app")["latest"] == second


def test_an_index_arrives_with_its_images_and_goes_no_further(app: Api) -> None:
    replicate(app, to((OTHER, ACCOUNT)))
    child = app.push("team/app", content="a")
    app.push_index("team/app", "1.0", child)
    replica = there(app)
    assert {one.digest for one in replica.images.all("private", "team/app")} >= {child}
    rules = {"rules": [to(("us-west-2", ACCOUNT))]}
    replica.change_settings(extra={"replication": rules})
    app.push("team/app", "2.0", content="c")
    assert "2.0" in there(app).images.tags("private", "team/app")
    onward = replica.replicas.state_of(Place("us-west-2", ACCOUNT), app.faults.scenario.replication)
    assert onward and onward.repositories.all("private") == ()


@pytest.mark.parametrize("deletes", [True, False])
def test_deletions_follow_where_the_rule_says_so(app: Api, deletes: bool) -> None:
    replicate(app, to((OTHER, ACCOUNT), deletes=deletes))
    app.push("team/app", "1.0", "latest", content="a")
    app.push("team/app", "old", content="b")
    assert there(app).images.tags("private", "team/app").keys() == {"1.0", "latest", "old"}
    app.call("BatchDeleteImage", **ASK, imageIds=[{"imageTag": "latest"}, {"imageTag": "old"}])
    kept = {"1.0"} if deletes else {"1.0", "latest", "old"}
    assert there(app).images.tags("private", "team/app").keys() == kept


def test_a_backfill_brings_what_was_there_before(app: Api) -> None:
    old = app.push("team/app", "1.0", "latest", content="a")
    replicate(app, to((OTHER, ACCOUNT)))
    app.faults.play(parse_scenario("replication: {delay: 5}"))
    place = {"region": OTHER, "registryId": ACCOUNT}
    started = app.call("StartReplicationBackfill", destination=place)
    assert (started["status"], started["destination"]) == ("PREPARING", place)
    assert app.refused("StartReplicationBackfill", destination=place)[0] == (
        "ReplicationBackfillInProgressException"
    )
    ask = {"replicationBackfillId": started["replicationBackfillId"]}
    under_way = app.call("DescribeReplicationBackfillResults", **ask)
    assert (under_way["status"], under_way["results"]) == ("IN_PROGRESS", [])
    app.now += 5
    [listed] = app.call("ListReplicationBackfills")["backfills"]
    assert listed["status"] == "COMPLETE"
    assert listed["progress"]["completedReplicationCount"] == 2
    results = app.call("DescribeReplicationBackfillResults", **ask)["results"]
    assert [one["imageId"]["imageTag"] for one in results] == ["1.0", "latest"]
    assert there(app).images.tags("private", "team/app") == {"1.0": old, "latest": old}
    code, _ = app.refused("StopReplicationBackfill", **ask)
    assert code == "ReplicationBackfillInvalidStatusException"
    app.now += 91 * 86_400
    assert app.call("ListReplicationBackfills")["backfills"] == []


def test_a_backfill_that_fails_says_what(app: Api) -> None:
    app.push("team/app", "1.0")
    replicate(app, to((OTHER, ACCOUNT)))
    app.faults.play(parse_scenario("replication: {failure: KmsError}"))
    place = {"region": OTHER, "registryId": ACCOUNT}
    started = app.call("StartReplicationBackfill", destination=place)
    ask = {"replicationBackfillId": started["replicationBackfillId"]}
    found = app.call("DescribeReplicationBackfillResults", **ask, resultStatusFilter="FAILED")
    assert found["progress"]["failureCodes"] == ["KmsError"]
    assert [one["failureCode"] for one in found["results"]] == ["KmsError"]
    code, _ = app.refused(
        "StartReplicationBackfill", destination={"region": "us-west-2", "registryId": ACCOUNT}
    )
    assert code == "InvalidParameterException"


def test_a_backfill_that_is_stopped_ends(app: Api) -> None:
    replicate(app, to((OTHER, ACCOUNT)))
    app.faults.play(parse_scenario("replication: {delay: 5}"))
    started = app.call("StartReplicationBackfill", destination={"region": OTHER, "registryId": ACCOUNT})
    ask = {"replicationBackfillId": started["replicationBackfillId"]}
    assert app.call("StopReplicationBackfill", **ask)["status"] == "STOPPED"
    code, _ = app.refused(
        "StopReplicationBackfill", replicationBackfillId=f"{'0' * 8}-0000-0000-0000-{'0' * 12}"
    )
    assert code == "ReplicationBackfillNotFoundException"


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([to((REGION, ACCOUNT))], "cannot be replicated to itself"),
        ([to(("cn-north-1", ACCOUNT))], "cn-north-1 is in another partition"),
        ([to()], "a rule has no destination"),
        ([to(("us-east-1", ACCOUNT))] * 11, "there are 11 rules, 10 are allowed"),
    ],
)
def test_a_replication_that_ecr_refuses(api: Api, rules: list[Any], words: str) -> None:
    code, message = api.refused("PutReplicationConfiguration", replicationConfiguration={"rules": rules})
    assert (code, words in message) == ("InvalidParameterException", True), json.dumps(message)
