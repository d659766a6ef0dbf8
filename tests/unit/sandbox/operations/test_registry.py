"""The registry over the API: its token, its settings, its scanning rules."""

from __future__ import annotations

from typing import Any

import pytest

from ecr_push.sandbox.scenario import parse_scenario
from tests.support.sandbox.api import ACCOUNT, NOW, REGION, Api, password

HOUR = 3_600


def rules(frequency: str, *patterns: str) -> list[dict[str, Any]]:
    filters = [{"filter": pattern, "filterType": "WILDCARD"} for pattern in patterns]
    return [{"scanFrequency": frequency, "repositoryFilters": filters}]


def test_a_private_token_lives_half_a_day(api: Api) -> None:
    [data] = api.call("GetAuthorizationToken")["authorizationData"]
    assert data["expiresAt"] == NOW + 12 * HOUR
    assert data["proxyEndpoint"] == "http://127.0.0.1:5000"
    assert api.tokens.check("AWS", password(data["authorizationToken"]), "private") == "valid"


def test_a_token_comes_for_every_registry_that_is_named(api: Api) -> None:
    data = api.call("GetAuthorizationToken", registryIds=[ACCOUNT, "999999999999"])["authorizationData"]
    assert len(data) == 2


def test_a_public_token_is_an_object(api: Api) -> None:
    data = api.public("GetAuthorizationToken")["authorizationData"]
    assert set(data) == {"authorizationToken", "expiresAt"}
    assert api.tokens.check("AWS", password(data["authorizationToken"]), "public") == "valid"
    assert api.tokens.check("AWS", password(data["authorizationToken"]), "private") == "unknown"


def test_a_scenario_shortens_a_tokens_life(api: Api) -> None:
    api.faults.play(parse_scenario("token: {life: 2}"))
    [data] = api.call("GetAuthorizationToken")["authorizationData"]
    api.now += 3
    assert api.tokens.check("AWS", password(data["authorizationToken"]), "private") == "expired"


def test_the_registry_replicates_nothing(api: Api) -> None:
    assert api.call("DescribeRegistry") == {
        "registryId": ACCOUNT,
        "replicationConfiguration": {"rules": []},
    }


def test_scanning_is_basic_until_it_is_changed(api: Api) -> None:
    assert api.call("GetRegistryScanningConfiguration") == {
        "registryId": ACCOUNT,
        "scanningConfiguration": {"scanType": "BASIC", "rules": []},
    }
    wanted = {"scanType": "ENHANCED", "rules": rules("CONTINUOUS_SCAN", "*")}
    answer = api.call("PutRegistryScanningConfiguration", **wanted)
    assert answer == {"registryScanningConfiguration": wanted}
    assert api.call("GetRegistryScanningConfiguration")["scanningConfiguration"] == wanted
    code, _ = api.refused(
        "PutRegistryScanningConfiguration", scanType="BASIC", rules=rules("CONTINUOUS_SCAN", "*")
    )
    assert code == "InvalidParameterException"


@pytest.mark.parametrize(
    ("scan_type", "wanted", "on_push", "expected"),
    [
        ("BASIC", [], False, (False, "MANUAL", [])),
        ("BASIC", [], True, (True, "SCAN_ON_PUSH", [])),
        ("BASIC", rules("SCAN_ON_PUSH", "team/*"), False, (True, "SCAN_ON_PUSH", ["team/*"])),
        ("BASIC", rules("SCAN_ON_PUSH", "prod/*"), True, (False, "MANUAL", [])),
        ("ENHANCED", rules("CONTINUOUS_SCAN", "*"), False, (True, "CONTINUOUS_SCAN", ["*"])),
        ("ENHANCED", rules("SCAN_ON_PUSH", "app"), False, (True, "SCAN_ON_PUSH", ["app"])),
        ("ENHANCED", rules("SCAN_ON_PUSH", "prod/*"), True, (False, "MANUAL", [])),
        (
            "ENHANCED",
            rules("SCAN_ON_PUSH", "team/*") + rules("CONTINUOUS_SCAN", "*app"),
            False,
            (True, "CONTINUOUS_SCAN", ["*app"]),
        ),
    ],
)
def test_a_repository_is_scanned_as_the_rules_say(
    api: Api, scan_type: str, wanted: list[Any], on_push: bool, expected: tuple[bool, str, list[str]]
) -> None:
    api.call(
        "CreateRepository", repositoryName="team/app", imageScanningConfiguration={"scanOnPush": on_push}
    )
    api.call("PutRegistryScanningConfiguration", scanType=scan_type, rules=wanted)
    answer = api.call("BatchGetRepositoryScanningConfiguration", repositoryNames=["team/app", "team/none"])
    [found], [failure] = answer["scanningConfigurations"], answer["failures"]
    filters = [it["filter"] for it in found["appliedScanFilters"]]
    assert (found["scanFrequency"] != "MANUAL", found["scanFrequency"], filters) == expected
    assert found["scanOnPush"] == on_push  # the repository's own, which no rule changes
    assert found["repositoryArn"] == f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/team/app"
    assert failure["failureCode"] == "REPOSITORY_NOT_FOUND"


def test_account_settings(api: Api) -> None:
    for name, before, after in (
        ("BASIC_SCAN_TYPE_VERSION", "AWS_NATIVE", "CLAIR"),
        ("BLOB_MOUNTING", "ENABLED", "DISABLED"),
    ):
        assert api.call("GetAccountSetting", name=name) == {"name": name, "value": before}
        api.call("PutAccountSetting", name=name, value=after)
        assert api.call("GetAccountSetting", name=name)["value"] == after
    assert not api.state.settings.blob_mounting
    assert api.refused("GetAccountSetting", name="COLOUR")[0] == "InvalidParameterException"
    assert (
        api.refused("PutAccountSetting", name="BLOB_MOUNTING", value="ON")[0] == "InvalidParameterException"
    )
