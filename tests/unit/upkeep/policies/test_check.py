"""What a policy opens to the world, what has no effect, and what is doubtful."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.upkeep.policies.check import check_policy, is_open
from ecr_push.upkeep.policies.model import Grant
from ecr_push.upkeep.policies.render import registry_policy, repository_policy
from tests.support.policies import PLACE, PRINCIPALS, PULLERS, principal

PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
ACCOUNT = {"AWS": "111122223333"}
FUNCTIONS = "arn:aws:lambda:us-east-1:111122223333:function:*"
ORGANISATION = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    """What a statement does not give is a pull by one account; None leaves a member out."""
    whole = {"Effect": "Allow", "Principal": ACCOUNT, "Action": PULL}
    given = [
        {name: value for name, value in {**whole, **one}.items() if value is not None} for one in statements
    ]
    return json.dumps({"Version": version, "Statement": given})


def faults(text: str, **given: Any) -> list[tuple[str, str]]:
    return [(fault.level, fault.what) for fault in check_policy(text, **given)]


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ({"Principal": "*"}, "Statement[0] opens the repository to every AWS account: name who may"),
        ({"Principal": {"AWS": ["111122223333", "*"]}}, "opens the repository to every AWS account"),
        ({"Principal": {"Service": "*"}}, "opens the repository to every AWS account"),
        (
            {"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
            "every AWS account; its condition (aws:SecureTransport) holds for other accounts, too",
        ),
        (
            {"Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}},
            "its condition (aws:SourceVpce) holds for other accounts, too",
        ),
        (
            {"Principal": None, "NotPrincipal": {"AWS": "999999999999"}},
            "allows everyone but those in NotPrincipal: write a Principal",
        ),
        (
            {"Action": "ecr:*"},
            "allows ecr:*, and with it DeleteRepositoryPolicy, SetRepositoryPolicy: who has it can",
        ),
        ({"Action": "*"}, "allows *, and with it DeleteRepositoryPolicy"),
        ({"Action": ["ecr:Set*", *PULL]}, "allows ecr:Set*, ecr:BatchCheck"),
        ({"Action": None, "NotAction": "ecr:PutImage"}, "allows everything but ecr:PutImage, and with it"),
        (
            {"Effect": "Deny", "Principal": "*", "Action": "ecr:*"},
            "denies everyone ecr:*: no one could change this policy back",
        ),
        ({"Resource": "*"}, "Statement[0] has a Resource, which a repository's policy cannot have"),
        ({"Action": "s3:GetObject"}, "Statement[0].Action has 's3:GetObject', which is not an action of ecr"),
        ({"Effect": "allow"}, "Statement[0].Effect is 'allow', expected 'Allow' or 'Deny'"),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:role/*"}}, "part of an ARN cannot be '*'"),
        ({"Condition": {"StringEqual": {"aws:SourceVpc": "vpc-1"}}}, "did you mean 'StringEquals'?"),
        ({"Principle": "*"}, "has the unknown member 'Principle'; did you mean 'Principal'?"),
    ],
)
def test_a_mistake(statement: dict[str, Any], says: str) -> None:
    found = faults(policy(statement))
    assert any(level == "mistake" and says in what for level, what in found), found


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            {"Principal": {"Service": "codebuild.amazonaws.com"}},
            "lets codebuild.amazonaws.com in on behalf of any AWS account: add a Condition with",
        ),
        ({"Action": [*PULL, "ecr:SetRepositoryPolicy"]}, "allows SetRepositoryPolicy: who has it can let"),
        ({"Action": [*PULL, "ecr:BatchDeleteImage"]}, "allows BatchDeleteImage: released images can be"),
        ({"Action": [*PULL, "ecr:GetAuthorizationToken"]}, "names ecr:GetAuthorizationToken, which has no"),
        (
            {"Action": [*PULL, "ecr:GetImage"]},
            "ecr:GetImage, which is not a known action; did you mean",
        ),
        ({"Action": "ecr:Pull*"}, "names ecr:Pull*, which is not a known action"),
        ({"Action": "ecr:BatchGetImage"}, "lets no one pull: a pull needs GetDownloadUrlForLayer, too"),
        (
            {"Action": ["ecr:PutImage", "ecr:UploadLayerPart"]},
            "a push needs BatchCheckLayerAvailability, CompleteLayerUpload, InitiateLayerUpload, too",
        ),
        (
            {"Principal": {"AWS": "AROAEXAMPLE1234567890"}},
            "what AWS leaves of a deleted role or user",
        ),
        (
            {"Effect": "Deny", "Principal": None, "NotPrincipal": ACCOUNT},
            "passes a role's session only where the session itself is named",
        ),
        ({"Effect": "Deny", "Principal": "*"}, "denies everyone to pull"),
    ],
)
def test_a_doubt(statement: dict[str, Any], says: str) -> None:
    found = faults(policy(statement))
    assert [level for level, _ in found] == ["doubt"] and says in found[0][1], found


def test_variables_of_an_older_version_are_plain_text() -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}
    text = policy({"Principal": "*", "Condition": condition}, version="2008-10-17")
    [(level, what)] = faults(text)
    assert (level, "a variable, which is plain text in version 2008-10-17: write" in what) == ("doubt", True)


def test_one_statement_may_complete_another() -> None:
    assert faults(policy({"Action": "ecr:BatchGetImage"}, {"Action": "ecr:GetDownloadUrlForLayer"})) == []


def test_a_long_policy() -> None:
    [fault] = faults(policy({"Sid": "x" * 10_240}))
    assert "characters, ECR takes 10,240" in fault[1]


@pytest.mark.parametrize(
    ("resource", "doubts"),
    [
        ("*", 0),
        (f"arn:aws:ecr:eu-west-1:{PLACE.account}:repository/*", 0),
        ("arn:aws:ecr:*:*:repository/team/*", 0),
        (f"arn:aws:ecr:eu-west-?:{PLACE.account}:*", 0),
        (f"arn:aws:ecr:us-east-1:{PLACE.account}:repository/*", 1),
        ("arn:aws:ecr:eu-west-1:999999999999:repository/*", 1),
        (f"arn:aws-cn:ecr:eu-west-1:{PLACE.account}:repository/*", 1),
        (f"arn:aws:ecr:eu-west-1:{PLACE.account}:team/shop", 1),
    ],
)
def test_a_registrys_policy_is_about_its_own_repositories(resource: str, doubts: int) -> None:
    text = policy({"Resource": resource})
    assert [level for level, _ in faults(text, of="registry", place=PLACE)] == ["doubt"] * doubts
    assert faults(text, of="registry") == []


def test_pulls_are_open_if_it_is_said_twice() -> None:
    assert faults(policy({"Principal": "*"}), opened=True) == []
    fault, *_ = faults(policy({"Principal": "*", "Action": [*PULL, "ecr:PutImage"]}), opened=True)
    assert fault[1].startswith("Statement[0] lets every AWS account PutImage: nothing but pulls may be open")
    assert is_open(policy({"Principal": "*"}))


def test_what_is_known_to_be_open() -> None:
    assert not is_open("") and not is_open("{") and not is_open(policy({}))
    assert not is_open(policy({"Principal": "*", "Condition": ORGANISATION}))
    assert not is_open(policy({"Effect": "Deny", "Principal": "*", "Action": "ecr:*"}))
    registry = policy({"Principal": "*", "Action": "ecr:ReplicateImage", "Resource": "*"})
    assert is_open(registry, "registry")


# AWS's own examples, without the Resource that the pages have, and ECR refuses.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
@pytest.mark.parametrize(
    ("name", "statements", "expected"),
    [
        (
            "users push and pull",
            [{"Principal": {"AWS": ["arn:aws:iam::111122223333:user/a", "arn:aws:iam::111122223333:user/b"]},
              "Action": [*PULL, "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage",
                         "ecr:UploadLayerPart"]}],
            [],
        ),
        (
            "another account pushes",
            [{"Action": ["ecr:BatchCheckLayerAvailability", "ecr:CompleteLayerUpload",
                         "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"]}],
            [],
        ),
        ("all accounts pull", [{"Principal": "*", "Action": PULL[1:]}], ["mistake"]),
        (
            "addresses",
            [{"Principal": "*", "Action": "ecr:*", "Condition": {
                "IpAddress": {"aws:SourceIp": "54.240.143.0/24"},
                "NotIpAddress": {"aws:SourceIp": "54.240.143.188/32"}}}],
            ["mistake", "doubt"],  # not of being open, but of `ecr:*`
        ),
        (
            "CodeBuild",
            [{"Principal": {"Service": "codebuild.amazonaws.com"}, "Condition": {"StringEquals": {
                "aws:SourceArn": "arn:aws:codebuild:us-east-1:111122223333:project/MyProject",
                "aws:SourceAccount": "111122223333"}}}],
            [],
        ),
        (
            "Lambda in two accounts",
            [{"Action": PULL[1:]},
             {"Principal": {"Service": "lambda.amazonaws.com"}, "Action": PULL[1:],
              "Condition": {"StringLike": {"aws:sourceARN": FUNCTIONS}}}],
            [],
        ),
    ],
)  # fmt: skip
def test_examples_of_the_documentation(
    name: str, statements: list[dict[str, Any]], expected: list[str]
) -> None:
    assert [level for level, _ in faults(policy(*statements))] == expected, name


_NOT_EVERYONE = PULLERS.filter(lambda text: text != "everyone")


@given(st.lists(_NOT_EVERYONE, min_size=1, max_size=8), st.lists(PRINCIPALS, max_size=4))
def test_a_short_form_has_no_fault(pull: list[str], push: list[str]) -> None:
    grants = [
        *(Grant("pull", principal(one)) for one in pull),
        *(Grant("push", principal(one)) for one in push),
    ]
    assert check_policy(repository_policy(grants)) == ()
    registry = [Grant("pull-through", principal(one), "team/*") for one in push]
    assert not push or check_policy(registry_policy(registry, PLACE), "registry") == ()


@given(st.lists(PULLERS, max_size=4), st.lists(PULLERS, max_size=4))
def test_everyone_is_always_found(before: list[str], after: list[str]) -> None:
    grants = [Grant("pull", principal(one)) for one in (*before, "everyone", *after)]
    assert is_open(repository_policy(grants))


@given(st.text(max_size=200) | st.builds(json.dumps, st.recursive(st.none() | st.text(max_size=9), st.lists)))
def test_any_text_has_an_answer(text: str) -> None:
    assert all(fault.level == "mistake" for fault in check_policy(text)) and not is_open(text)
