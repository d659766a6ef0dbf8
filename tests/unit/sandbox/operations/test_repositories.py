"""Private repositories over the API: settings in and out, pages, tags, policies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.sandbox.api import ACCOUNT, NOW, REGION, Api

ARN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/team/app"
LIFECYCLE = {
    "rulePriority": 1,
    "description": "Candidates are for inspection, a fortnight long",
    "selection": {
        "tagStatus": "tagged",
        "tagPatternList": ["candidate-*"],
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 14,
    },
    "action": {"type": "expire"},
}


def filters(*patterns: str) -> list[dict[str, str]]:
    return [{"filterType": "WILDCARD", "filter": pattern} for pattern in patterns]


def test_a_repository_has_ecrs_defaults(api: Api) -> None:
    repository = api.call("CreateRepository", repositoryName="team/app")["repository"]
    assert repository == {
        "repositoryArn": ARN,
        "registryId": ACCOUNT,
        "repositoryName": "team/app",
        "repositoryUri": "127.0.0.1:5000/team/app",
        "createdAt": NOW,
        "imageTagMutability": "MUTABLE",
        "imageScanningConfiguration": {"scanOnPush": False},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    }
    assert api.call("DescribeRepositories", repositoryNames=["team/app"])["repositories"] == [repository]


def test_a_repository_keeps_every_setting(api: Api) -> None:
    settings: dict[str, Any] = {
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": filters("latest", "candidate-*"),
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfiguration": {
            "encryptionType": "KMS",
            "kmsKey": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0000",
        },
    }
    api.call("CreateRepository", repositoryName="team/app", tags=[{"Key": "team", "Value": "a"}], **settings)
    [repository] = api.call("DescribeRepositories")["repositories"]
    assert {name: repository[name] for name in settings} == settings
    assert api.call("ListTagsForResource", resourceArn=ARN)["tags"] == [{"Key": "team", "Value": "a"}]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION"}, "InvalidParameterException"),
        ({"imageTagMutabilityExclusionFilters": filters("latest")}, "InvalidParameterException"),
        (
            {
                "imageTagMutability": "MUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": filters("*.*.*"),
            },
            "InvalidParameterException",
        ),
        (
            {"encryptionConfiguration": {"encryptionType": "AES256", "kmsKey": "alias/x"}},
            "InvalidParameterException",
        ),
        (
            {
                "encryptionConfiguration": {
                    "encryptionType": "KMS",
                    "kmsKey": f"arn:aws:kms:us-west-2:{ACCOUNT}:key/0000",
                }
            },
            "KmsException",
        ),
        ({"tags": [{"Key": "aws:x", "Value": ""}]}, "InvalidTagParameterException"),
        ({"tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]}, "TooManyTagsException"),
    ],
)
def test_settings_that_ecr_refuses(api: Api, parameters: dict[str, Any], code: str) -> None:
    assert api.refused("CreateRepository", repositoryName="team/app", **parameters)[0] == code
    assert api.call("DescribeRepositories")["repositories"] == []


def test_a_repository_is_created_once(app: Api) -> None:
    assert app.refused("CreateRepository", repositoryName="team/app") == (
        "RepositoryAlreadyExistsException",
        f"The repository with name 'team/app' already exists in the registry with id '{ACCOUNT}'",
    )


def test_a_missing_repository_is_named(api: Api) -> None:
    expected = (
        "RepositoryNotFoundException",
        f"The repository with name 'team/app' does not exist in the registry with id '{ACCOUNT}'",
    )
    assert api.refused("DescribeRepositories", repositoryNames=["team/app"]) == expected
    assert api.refused("ListImages", repositoryName="team/app") == expected


def test_repositories_come_in_pages(api: Api) -> None:
    for number in range(5):
        api.call("CreateRepository", repositoryName=f"team/app{number}")
    pages = api.pages("DescribeRepositories", "repositories", maxResults=2)
    assert [[it["repositoryName"][-1] for it in page] for page in pages] == [["0", "1"], ["2", "3"], ["4"]]


def test_a_token_belongs_to_its_request(app: Api) -> None:
    app.call("CreateRepository", repositoryName="team/other")
    token = app.call("DescribeRepositories", maxResults=1)["nextToken"]
    for wrong in (token, "bm8=", "%"):
        code, message = app.refused("ListImages", repositoryName="team/app", nextToken=wrong)
        assert (code, "Invalid next token" in message) == ("InvalidParameterException", True)
    assert app.refused("DescribeRepositories", repositoryNames=["team/app"], maxResults=1)[0] == (
        "InvalidParameterException"
    )


def test_only_force_deletes_a_repository_with_images(app: Api) -> None:
    app.push("team/app", "1.0")
    code, message = app.refused("DeleteRepository", repositoryName="team/app")
    assert (code, "still contains images" in message) == ("RepositoryNotEmptyException", True)
    app.call("DeleteRepository", repositoryName="team/app", force=True)
    assert app.call("DescribeRepositories")["repositories"] == []


def test_mutability_and_scanning_can_be_changed(app: Api) -> None:
    answer = app.call(
        "PutImageTagMutability",
        repositoryName="team/app",
        imageTagMutability="MUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=filters("sha-*"),
    )
    assert answer == {
        "registryId": ACCOUNT,
        "repositoryName": "team/app",
        "imageTagMutability": "MUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": filters("sha-*"),
    }
    app.call(
        "PutImageScanningConfiguration",
        repositoryName="team/app",
        imageScanningConfiguration={"scanOnPush": True},
    )
    [repository] = app.call("DescribeRepositories")["repositories"]
    assert repository["imageTagMutability"] == "MUTABLE_WITH_EXCLUSION"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}


def test_resource_tags_are_added_replaced_and_removed(app: Api) -> None:
    app.call("TagResource", resourceArn=ARN, tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    app.call("TagResource", resourceArn=ARN, tags=[{"Key": "a", "Value": "3"}])
    app.call("UntagResource", resourceArn=ARN, tagKeys=["b"])
    assert app.call("ListTagsForResource", resourceArn=ARN)["tags"] == [{"Key": "a", "Value": "3"}]
    assert app.refused("ListTagsForResource", resourceArn=ARN + "s")[0] == "RepositoryNotFoundException"
    assert app.refused("ListTagsForResource", resourceArn="arn:x")[0] == "InvalidParameterException"


STATEMENT = {"Effect": "Allow", "Action": "ecr:*", "Principal": {"AWS": "123456789012"}}


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            {**STATEMENT, "Resource": "*"},
            "Statement[0] has a Resource, which a repository's",
        ),
        ({"Effect": "Allow", "Action": "ecr:*"}, "Statement[0] needs one of Principal and NotPrincipal"),
        (
            {**STATEMENT, "Principal": {"Account": "1"}},
            "Statement[0].Principal has the unknown member 'Account'",
        ),
        ({"Effect": "Allow", "Principal": "*"}, "Statement[0] needs one of Action and NotAction"),
        ({**STATEMENT, "Effect": "allow"}, "Statement[0].Effect is 'allow', expected"),
        (
            {**STATEMENT, "Action": ["ecr:*", "s3:Get*"]},
            "Statement[0].Action has 's3:Get*'",
        ),
        ({**STATEMENT, "Comment": "x"}, "Statement[0] has the unknown member 'Comment'"),
        ("all", "Statement[0] is 'all', expected an object"),
    ],
)
def test_a_repository_policy_that_ecr_refuses(app: Api, statement: Any, words: str) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    code, message = app.refused("SetRepositoryPolicy", repositoryName="team/app", policyText=text)
    assert (code, words in message) == ("InvalidParameterException", True), message


def test_a_registry_policy_is_kept_until_it_is_deleted(api: Api) -> None:
    assert api.refused("GetRegistryPolicy")[0] == "RegistryPolicyNotFoundException"
    without = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})
    code, message = api.refused("PutRegistryPolicy", policyText=without)
    assert (code, "Statement[0] needs one of Resource" in message) == ("InvalidParameterException", True)
    text = json.dumps({"Version": "2012-10-17", "Statement": {**STATEMENT, "Resource": "*"}})
    assert api.call("PutRegistryPolicy", policyText=text)["policyText"] == text
    assert api.call("GetRegistryPolicy")["policyText"] == text
    assert api.call("DeleteRegistryPolicy")["policyText"] == text
    assert api.refused("DeleteRegistryPolicy")[0] == "RegistryPolicyNotFoundException"


def test_a_repository_policy_is_kept_until_it_is_deleted(app: Api) -> None:
    name = {"repositoryName": "team/app"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})
    assert app.refused("GetRepositoryPolicy", **name)[0] == "RepositoryPolicyNotFoundException"
    code, message = app.refused("SetRepositoryPolicy", **name, policyText="{}")
    assert (code, "Invalid repository policy provided" in message) == ("InvalidParameterException", True)
    app.call("SetRepositoryPolicy", **name, policyText=text)
    assert app.call("GetRepositoryPolicy", **name)["policyText"] == text
    assert app.call("DeleteRepositoryPolicy", **name)["policyText"] == text
    assert app.refused("GetRepositoryPolicy", **name)[0] == "RepositoryPolicyNotFoundException"


def test_a_lifecycle_policy_is_kept_until_it_is_deleted(app: Api) -> None:
    name, text = {"repositoryName": "team/app"}, json.dumps({"rules": [LIFECYCLE]})
    code, message = app.refused("GetLifecyclePolicy", **name)
    assert code == "LifecyclePolicyNotFoundException"
    assert message == (
        "Lifecycle policy does not exist for the repository with name 'team/app' in the registry with id "
        f"'{ACCOUNT}'"
    )
    app.call("PutLifecyclePolicy", **name, lifecyclePolicyText=text)
    found = app.call("GetLifecyclePolicy", **name)
    assert (found["lifecyclePolicyText"], bool(found["lastEvaluatedAt"])) == (text, True)
    app.call("DeleteLifecyclePolicy", **name)
    assert app.refused("DeleteLifecyclePolicy", **name)[0] == "LifecyclePolicyNotFoundException"


def changed(rule: dict[str, Any] | None = None, **selection: Any) -> dict[str, Any]:
    """LIFECYCLE with members replaced, or removed where None."""
    merged = {**LIFECYCLE["selection"], **selection}  # type: ignore[dict-item]
    chosen = {name: value for name, value in merged.items() if value is not None}
    return {**LIFECYCLE, "selection": chosen, **(rule or {})}


ANY_TAG: dict[str, Any] = {"tagStatus": "any", "tagPatternList": None}


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([], "rules: List should have at least 1 item"),
        ([LIFECYCLE, LIFECYCLE], "rulePriority must be unique"),
        ([changed({"rulePriority": 0})], "rules.0.rulePriority: Input should be greater than or equal to 1"),
        ([changed({"rulePriority": True})], "rules.0.rulePriority: Input should be a valid integer"),
        ([changed({"note": "x"})], "rules.0.note: Extra inputs are not permitted"),
        ([changed({"description": None})], "rules.0.description: Input should be a valid string"),
        ([changed(tagPrefixList=["v"])], "one of tagPatternList and tagPrefixList"),
        ([changed(tagPatternList=None)], "one of tagPatternList and tagPrefixList"),
        ([changed(tagPatternList="v*")], "rules.0.selection.tagPatternList: Input should be a valid array"),
        ([changed(tagPatternList=["*a*b*c*d*"])], "at most 4 '*'"),
        ([changed(tagStatus="untagged")], "only tagStatus tagged can have"),
        ([changed(**ANY_TAG), changed({"rulePriority": 2})], "must have the highest rulePriority"),
        (
            [changed(countType="imageAge")],
            "rules.0.selection.countType: Input should be 'imageCountMoreThan'",
        ),
        ([changed(countUnit=None)], "countUnit belongs to"),
        ([changed(countUnit="hours")], "rules.0.selection.countUnit: Input should be 'days'"),
        ([changed(countNumber=0)], "rules.0.selection.countNumber: Input should be greater than"),
        ([changed({"action": {"type": "forget"}})], "rules.0.action.type: Input should be 'expire'"),
        ([changed({"action": "expire"})], "rules.0.action: Input should be an object"),
        ([changed({"action": {"type": "transition"}})], "targetStorageClass archive belongs to"),
        ([changed(storageClass="archive")], "storageClass archive belongs to"),
    ],
)
def test_a_lifecycle_policy_that_ecr_refuses(app: Api, rules: list[Any], words: str) -> None:
    text = json.dumps({"rules": rules}).ljust(100)
    code, message = app.refused("PutLifecyclePolicy", repositoryName="team/app", lifecyclePolicyText=text)
    assert code == "InvalidParameterException"
    assert "Lifecycle policy validation failure" in message
    assert words in message
