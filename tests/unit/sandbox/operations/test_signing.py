"""Managed signing over the API: its configuration, and the status of an image."""

from __future__ import annotations

from typing import Any

from ecr_push.sandbox.scenario import parse_scenario
from tests.support.sandbox.api import ACCOUNT, REGION, Api

APP = {"repositoryName": "team/app"}
PROFILE = f"arn:aws:signer:{REGION}:{ACCOUNT}:/signing-profiles/release"
OTHER = f"{PROFILE}_other"


def configure(api: Api, *rules: dict[str, Any]) -> None:
    wanted = {"signingConfiguration": {"rules": list(rules)}}
    assert api.call("PutSigningConfiguration", **wanted) == wanted


def rule(profile: str, *filters: str) -> dict[str, Any]:
    found = [{"filter": one, "filterType": "WILDCARD_MATCH"} for one in filters]
    return {"signingProfileArn": profile, **({"repositoryFilters": found} if found else {})}


def statuses(api: Api, digest: str) -> list[tuple[str, str]]:
    answer = api.call("DescribeImageSigningStatus", **APP, imageId={"imageDigest": digest})
    assert (answer["repositoryName"], answer["imageId"]["imageDigest"]) == ("team/app", digest)
    return [(one["signingProfileArn"], one["status"]) for one in answer["signingStatuses"]]


def test_a_configuration_is_put_read_and_deleted(app: Api) -> None:
    code, message = app.refused("GetSigningConfiguration")
    assert code == "SigningConfigurationNotFoundException" and ACCOUNT in message
    configure(app, rule(PROFILE))
    assert app.call("GetSigningConfiguration")["signingConfiguration"] == {"rules": [rule(PROFILE)]}
    assert app.call("DeleteSigningConfiguration")["registryId"] == ACCOUNT
    assert app.refused("DeleteSigningConfiguration")[0] == code


def test_what_is_pushed_afterwards_is_signed_by_each_profile_that_matches(app: Api) -> None:
    before = app.push("team/app", "1.0", content="before")
    app.now += 1
    configure(app, rule(PROFILE), rule(OTHER, "team/*"), rule(PROFILE, "*"), rule(f"{PROFILE}_none", "web/*"))
    app.now += 1
    after = app.push("team/app", "1.1", content="after")
    assert statuses(app, before) == []
    assert statuses(app, after) == [(PROFILE, "COMPLETE"), (OTHER, "COMPLETE")]


def test_a_scenario_says_how_long_it_takes_and_whether_it_fails(app: Api) -> None:
    app.faults.play(parse_scenario("signing: {delay: 10, failure: AccessDenied, reason: no right}"))
    configure(app, rule(PROFILE))
    digest = app.push("team/app", "1.0")
    assert statuses(app, digest) == [(PROFILE, "IN_PROGRESS")]
    app.now += 11
    [one] = app.call("DescribeImageSigningStatus", **APP, imageId={"imageTag": "1.0"})["signingStatuses"]
    assert (one["status"], one["failureCode"], one["failureReason"]) == ("FAILED", "AccessDenied", "no right")
