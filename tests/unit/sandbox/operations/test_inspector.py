"""Inspector over its REST protocol: whether it is on, what it covers, and its findings with EPSS."""

from __future__ import annotations

from typing import Any

import pytest

from ecr_push.sandbox.scenario import parse_scenario
from tests.support.sandbox.api import ACCOUNT, NOW, REGION, Api
from tests.support.sandbox.scans import CLEAN, VULNERABLE, enhanced, findings, push

ARN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/team/app"


def equals(value: str) -> list[dict[str, str]]:
    return [{"comparison": "EQUALS", "value": value}]


def covered(api: Api, **criteria: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.call("ListCoverage", "inspector2", filterCriteria=criteria)[
        "coveredResources"
    ]
    return found


def test_inspector_is_on_while_scanning_is_enhanced(app: Api) -> None:
    def statuses() -> tuple[str, str, str]:
        [account] = app.call("BatchGetAccountStatus", "inspector2", accountIds=[ACCOUNT])["accounts"]
        resources = account["resourceState"]
        return account["state"]["status"], resources["ecr"]["status"], resources["ec2"]["status"]

    assert statuses() == ("DISABLED", "DISABLED", "DISABLED")
    enhanced(app)
    assert statuses() == ("ENABLED", "ENABLED", "DISABLED")
    assert len(app.call("BatchGetAccountStatus", "inspector2")["accounts"]) == 1
    answer = app.call("BatchGetAccountStatus", "inspector2", accountIds=["999999999999"])
    assert answer["accounts"] == []
    assert answer["failedAccounts"][0]["errorCode"] == "ACCESS_DENIED"


def test_an_image_is_covered_from_its_push_on_and_scanned_after_the_delay(app: Api) -> None:
    enhanced(app)
    app.faults.play(parse_scenario("scan: {delay: 10}"))
    digest = push(app, CLEAN)
    [before] = covered(app)
    assert before["scanStatus"]["statusCode"] == "INACTIVE"
    assert "lastScannedAt" not in before
    app.now += 11
    [after] = covered(app, resourceId=equals(f"{ARN}/{digest}"), scanType=equals("PACKAGE"))
    assert after["scanStatus"] == {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"}
    assert after["lastScannedAt"] == NOW + 11
    assert covered(app, resourceId=equals(f"{ARN}/sha256:{'0' * 64}")) == []
    assert covered(app, ecrRepositoryName=[{"comparison": "NOT_EQUALS", "value": "team/app"}]) == []
    assert len(covered(app, accountId=equals(ACCOUNT))) == 1
    of_another = {"awsAccountId": equals("999999999999")}
    assert app.call("ListFindings", "inspector2", filterCriteria=of_another) == {"findings": []}


def test_inspector_shows_findings_before_ecr_does(app: Api) -> None:
    """ListCoverage does not count as a request for a status, and does not use up a scenario's next one."""
    enhanced(app)
    app.faults.play(parse_scenario("scan: {statuses: [PENDING, COMPLETE], findings: never}"))
    digest = push(app, VULNERABLE)
    for _ in range(3):
        [one] = covered(app)
        assert one["scanStatus"]["reason"] == "SUCCESSFUL"
    assert findings(app, digest)["imageScanStatus"]["status"] == "PENDING"
    for _ in range(3):
        answer = findings(app, digest)
        assert (answer["imageScanStatus"]["status"], answer["imageScanFindings"]) == (
            "COMPLETE",
            {"findings": []},
        )


def test_under_basic_scanning_nothing_is_covered(app: Api) -> None:
    push(app, VULNERABLE)
    assert covered(app) == []
    assert app.call("ListFindings", "inspector2") == {"findings": []}


def test_the_findings_are_those_of_ecr_in_inspectors_shape(app: Api) -> None:
    enhanced(app)
    digest = push(app, VULNERABLE)
    push(app, CLEAN, "2.0")
    ecrs = findings(app, digest)["imageScanFindings"]["enhancedFindings"]
    [known, *_] = ecrs
    cve = known["packageVulnerabilityDetails"]["vulnerabilityId"]
    app.faults.play(parse_scenario(f"scan: {{epss: {{{cve}: 0.93}}}}"))
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = app.call(
            "ListFindings",
            "inspector2",
            filterCriteria={"ecrImageHash": equals(digest), "findingStatus": equals("ACTIVE")},
            maxResults=2,
            **token,
        )
        found += page["findings"]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert [one["findingArn"] for one in found] == [one["findingArn"] for one in ecrs]
    scores = {
        one["packageVulnerabilityDetails"]["vulnerabilityId"]: one["epss"]["score"]
        for one in found
        if "epss" in one
    }
    assert scores == {cve: 0.93}
    assert {one.get("inspectorScore") or 0.0 for one in found} == {one["score"] for one in ecrs}


def test_unknown_filters_and_another_region_are_refused(app: Api) -> None:
    enhanced(app)
    push(app, VULNERABLE)
    code, message = app.refused("ListFindings", "inspector2", filterCriteria={"componentId": equals("x")})
    assert (code, "does not implement the filter componentId" in message) == ("ValidationException", True)
    code, _ = app.refused("ListFindings", "inspector2", maxResults=101)
    assert code == "ValidationException"
    response = app.send("inspector2", "ListCoverage", {}, region="us-west-2")
    assert response.status_code == 400
    assert response.content_type == "application/json"


@pytest.mark.parametrize("operation", ["ListCoverage", "ListFindings"])
def test_faults_know_its_operations(app: Api, operation: str) -> None:
    app.faults.play(parse_scenario(f"faults: [{{operation: {operation}, error: AccessDeniedException}}]"))
    assert app.faults.decide("api", operation).code == "AccessDeniedException"
