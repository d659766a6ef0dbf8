"""Pull-through cache rules, and templates of repositories."""

from __future__ import annotations

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
        (
            {"upstreamRegistryUrl": f"210987654321.dkr.ecr.{REGION}.amazonaws.com"},
            "InvalidParameterException",
        ),
    ],
)
def test_a_pull_through_cache_rule_that_ecr_refuses(api: Api, rule: dict[str, str], code: str) -> None:
    assert api.refused("CreatePullThroughCacheRule", ecrRepositoryPrefix="hub", **rule)[0] == code


def test_another_ecr_is_an_upstream_with_a_role_where_it_is_of_another_account(api: Api) -> None:
    own = {"ecrRepositoryPrefix": "near", "upstreamRegistryUrl": f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"}
    assert api.call("CreatePullThroughCacheRule", **own)["upstreamRegistry"] == "ecr"
    other = {
        "ecrRepositoryPrefix": "far",
        "upstreamRegistryUrl": "210987654321.dkr.ecr.us-east-1.amazonaws.com",
    }
    role = f"arn:aws:iam::{ACCOUNT}:role/pull"
    assert api.call("CreatePullThroughCacheRule", **other, customRoleArn=role)["customRoleArn"] == role


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


def test_a_template_that_is_mutable_again_has_no_exceptions(api: Api) -> None:
    mutability = {"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION"}
    filters = [{"filterType": "WILDCARD", "filter": "latest"}]
    api.call(
        "CreateRepositoryCreationTemplate",
        prefix="team",
        appliedFor=["REPLICATION"],
        imageTagMutabilityExclusionFilters=filters,
        **mutability,
    )
    changed = api.call("UpdateRepositoryCreationTemplate", prefix="team", imageTagMutability="MUTABLE")
    assert "imageTagMutabilityExclusionFilters" not in changed["repositoryCreationTemplate"]
