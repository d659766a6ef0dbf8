"""Pull-through cache rules, templates of repositories, and replication."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.sandbox.api import ACCOUNT, REGION, Api

UNSUPPORTED = "UnsupportedUpstreamRegistryException"
QUAY = {"ecrRepositoryPrefix": "quay", "upstreamRegistryUrl": "quay.io"}
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:ecr-pullthroughcache/hub-abcdef"


def test_a_pull_through_cache_rule_is_kept_until_it_is_deleted(api: Api) -> None:
    made = api.call("CreatePullThroughCacheRule", **QUAY)
    assert (made["upstreamRegistry"], made["registryId"]) == ("quay", ACCOUNT)
    assert (
        api.refused("CreatePullThroughCacheRule", **QUAY)[0] == "PullThroughCacheRuleAlreadyExistsException"
    )
    [found] = api.call("DescribePullThroughCacheRules")["pullThroughCacheRules"]
    assert found["upstreamRegistryUrl"] == "quay.io"
    prefix = {"ecrRepositoryPrefix": "quay"}
    assert api.call("ValidatePullThroughCacheRule", **prefix)["isValid"] is True
    changed = api.call("UpdatePullThroughCacheRule", **prefix, credentialArn=SECRET)
    assert changed["credentialArn"] == SECRET
    assert api.call("DeletePullThroughCacheRule", **prefix)["ecrRepositoryPrefix"] == "quay"
    asked = {"ecrRepositoryPrefixes": ["quay"]}
    assert api.refused("DescribePullThroughCacheRules", **asked)[0] == "PullThroughCacheRuleNotFoundException"
    assert api.call("DescribePullThroughCacheRules")["pullThroughCacheRules"] == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"upstreamRegistryUrl": "registry.example"}, "UnsupportedUpstreamRegistryException"),
        (
            {"upstreamRegistryUrl": "quay.io", "upstreamRegistry": "k8s"},
            "UnsupportedUpstreamRegistryException",
        ),
        ({"upstreamRegistryUrl": "registry-1.docker.io"}, "InvalidParameterException"),
    ],
)
def test_a_pull_through_cache_rule_that_ecr_refuses(api: Api, rule: dict[str, str], code: str) -> None:
    assert api.refused("CreatePullThroughCacheRule", ecrRepositoryPrefix="hub", **rule)[0] == code


def test_a_template_is_kept_until_it_is_deleted(api: Api) -> None:
    template = {"prefix": "team", "appliedFor": ["CREATE_ON_PUSH"], "imageTagMutability": "IMMUTABLE"}
    made = api.call("CreateRepositoryCreationTemplate", **template)["repositoryCreationTemplate"]
    assert template.items() <= made.items()
    assert api.refused("CreateRepositoryCreationTemplate", **template)[0] == "TemplateAlreadyExistsException"
    api.call("UpdateRepositoryCreationTemplate", prefix="team", description="of the team")
    asked = api.call("DescribeRepositoryCreationTemplates", prefixes=["team", "other"])
    [found] = asked["repositoryCreationTemplates"]
    assert (found["description"], found["imageTagMutability"]) == ("of the team", "IMMUTABLE")
    api.call("DeleteRepositoryCreationTemplate", prefix="team")
    assert api.refused("DeleteRepositoryCreationTemplate", prefix="team")[0] == "TemplateNotFoundException"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ({"appliedFor": []}, "it is an empty list"),
        ({"resourceTags": [{"Key": "a", "Value": "b"}]}, "customRoleArn"),
        ({"lifecyclePolicy": "{}"}, "rules: Field required"),
        ({"repositoryPolicy": "{}"}, "Statement is absent"),
    ],
)
def test_a_template_that_ecr_refuses(api: Api, template: dict[str, Any], words: str) -> None:
    given = {"prefix": "team", "appliedFor": ["REPLICATION"], **template}
    code, message = api.refused("CreateRepositoryCreationTemplate", **given)
    assert (code, words in message) == ("InvalidParameterException", True), message


def to(*places: tuple[str, str], prefix: str = "") -> dict[str, Any]:
    filters = [{"filter": prefix, "filterType": "PREFIX_MATCH"}] if prefix else []
    destinations = [{"region": region, "registryId": account} for region, account in places]
    return {"destinations": destinations, **({"repositoryFilters": filters} if filters else {})}


def test_what_is_pushed_from_then_on_is_replicated(app: Api) -> None:
    before = app.push("team/app", "1.0", content="a")
    app.now += 1
    rules = {
        "rules": [to(("us-east-1", ACCOUNT), prefix="team/"), to(("us-west-2", "999999999999"), prefix="x/")]
    }
    app.call("PutReplicationConfiguration", replicationConfiguration=rules)
    assert app.call("DescribeRegistry")["replicationConfiguration"] == rules
    after = app.push("team/app", "1.1", content="b")
    ask = {"repositoryName": "team/app"}
    old = app.call("DescribeImageReplicationStatus", **ask, imageId={"imageDigest": before})
    assert old["replicationStatuses"] == []
    new = app.call("DescribeImageReplicationStatus", **ask, imageId={"imageTag": "1.1"})
    assert new["replicationStatuses"] == [
        {"region": "us-east-1", "registryId": ACCOUNT, "status": "COMPLETE"}
    ]
    assert new["imageId"] == {"imageDigest": after, "imageTag": "1.1"}


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
