"""One address, several regions: a request is for the registry of the region that it is signed for."""

from __future__ import annotations

import json
from typing import Any

from werkzeug import Request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from ecr_push.sandbox.control import Control
from ecr_push.sandbox.identity import ACCESS_KEY_ID, Identities
from ecr_push.sandbox.regions import Regions
from ecr_push.sandbox.state import State
from tests.support.sandbox.api import ACCOUNT, REGION, TARGETS, Api

OTHER_ACCOUNT = "999999999999"


def ask(
    api: Api, regions: Regions, region: str, operation: str, *, service: str = "ecr", **parameters: Any
) -> tuple[int, Any]:
    credential = f"Credential={ACCESS_KEY_ID}/20260101/{region}/{service}/aws4_request"
    builder = EnvironBuilder(
        method="POST",
        data=json.dumps(parameters),
        headers=Headers(
            {
                "X-Amz-Target": f"{TARGETS[service]}.{operation}",
                "Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0",
            }
        ),
    )
    response = regions.dispatch(Request(builder.get_environ()))
    return response.status_code, json.loads(response.get_data())


def test_each_destination_is_asked_by_its_region_and_account(app: Api) -> None:
    def make(state: State) -> Control:
        return Control(state, app.scans, app.tokens, app.faults, Identities(ACCOUNT, state.region, app.clock))

    regions = Regions(app.control, app.state, app.faults, make)
    places = [("us-east-1", ACCOUNT), ("us-west-2", OTHER_ACCOUNT)]
    before, _ = ask(app, regions, "us-east-1", "DescribeRepositories")
    assert before == 400, "it is another region as long as nothing is replicated to it"
    rule = {"destinations": [{"region": region, "registryId": account} for region, account in places]}
    app.call("PutReplicationConfiguration", replicationConfiguration={"rules": [rule]})
    digest = app.push("team/app", "1.0")
    for region, account in places:
        status, found = ask(
            app, regions, region, "DescribeImages", repositoryName="team/app", registryId=account
        )
        assert (status, found["imageDetails"][0]["imageDigest"]) == (200, digest)
        assert found["imageDetails"][0]["registryId"] == account
    status, found = ask(app, regions, "us-east-1", "DescribeRepositories")
    assert found["repositories"][0]["repositoryArn"] == f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/team/app"
    assert ask(app, regions, "us-west-2", "DescribeRepositories")[0] == 400  # the caller's own is not there
    assert ask(app, regions, REGION, "DescribeRepositories")[0] == 200
    assert ask(app, regions, "ap-south-1", "DescribeRepositories")[0] == 400


def test_ecr_public_stays_one_though_it_is_signed_for_a_region_of_replicas(app: Api) -> None:
    def make(state: State) -> Control:
        raise AssertionError("no replica is asked")

    app.public("CreateRepository", repositoryName="shown")
    rule = {"destinations": [{"region": "us-east-1", "registryId": ACCOUNT}]}
    app.call("PutReplicationConfiguration", replicationConfiguration={"rules": [rule]})
    regions = Regions(app.control, app.state, app.faults, make)
    status, found = ask(app, regions, "us-east-1", "DescribeRepositories", service="ecr-public")
    assert (status, [one["repositoryName"] for one in found["repositories"]]) == (200, ["shown"])
