"""Statements of a policy that is written, and the texts of it: JSON, Terraform, CloudFormation."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.iam.allow_statement import ALL, AllowStatement, merged, policy_of
from ecr_push.base.iam.arn import arn_of, global_arn_of
from ecr_push.base.iam.kinds import IDENTITY, TRUST
from ecr_push.base.iam.read import read_policy, read_policy_text
from ecr_push.base.iam.write import left_open, write
from ecr_push.base.place import Place

KNOWN = Place("eu-west-1", "123456789012")
APP = arn_of(KNOWN, "ecr", "repository/team/app")
SCAN = AllowStatement("Scan", ("ecr:StartImageScan",), (arn_of(Place(), "ecr", "repository/team/app"),))
TRUSTED = AllowStatement(
    "GithubActions",
    ("sts:AssumeRoleWithWebIdentity",),
    principal={"Federated": global_arn_of(KNOWN, "iam", "oidc-provider/host")},
    conditions={"StringLike": {"host:sub": ["repo:a/b:ref:refs/heads/main", "repo:a/b:ref:refs/tags/v*"]}},
)


@pytest.mark.parametrize(
    ("place", "arn"),
    [
        (KNOWN, "arn:aws:ecr:eu-west-1:123456789012:x"),
        (Place("cn-north-1", "1"), "arn:aws-cn:ecr:cn-north-1:1:x"),
        (Place("us-gov-west-1"), "arn:aws-us-gov:ecr:us-gov-west-1:{account}:x"),
        (Place(), "arn:{partition}:ecr:{region}:{account}:x"),
    ],
)
def test_arns(place: Place, arn: str) -> None:
    assert arn_of(place, "ecr", "x") == arn


def test_statements_of_one_step_become_one_where_that_grants_no_more() -> None:
    found = merged(
        [
            AllowStatement("Look", ("b", "a"), ("x",)),
            AllowStatement("Look", ("a",), ("x",)),
            AllowStatement("Login", ("c",), ALL),
            AllowStatement("Look", ("a", "b"), ("y",)),
            AllowStatement("Look", ("d",), ("z",)),
        ]
    )
    assert [(one.sid, one.actions, one.resources) for one in found] == [
        ("Look", ("a", "b"), ("x", "y")),
        ("Login", ("c",), ("*",)),
        ("Look2", ("d",), ("z",)),
    ]


GRANTS = st.lists(
    st.builds(
        AllowStatement,
        st.sampled_from(["A", "B"]),
        st.lists(st.sampled_from(["s:a", "s:b", "s:c"]), min_size=1, max_size=3).map(tuple),
        st.sampled_from([("arn:aws:s:::x",), ("arn:aws:s:::y",), ("*",)]),
    ),
    max_size=8,
)


@given(GRANTS)
def test_what_is_merged_grants_the_same(statements: list[AllowStatement]) -> None:
    def pairs(of: Any) -> set[tuple[str, str]]:
        return {(action, resource) for one in of for action in one.actions for resource in one.resources}

    found = merged(statements)
    assert pairs(found) == pairs(statements)
    assert len({one.sid for one in found}) == len(found)
    if found:
        read_policy(policy_of(found), IDENTITY, "it")


def test_json_has_words_to_replace() -> None:
    text = write([SCAN], "json", "ecr-push-scan")
    assert json.loads(text)["Statement"] == [
        {
            "Sid": "Scan",
            "Effect": "Allow",
            "Action": "ecr:StartImageScan",
            "Resource": "arn:aws:ecr:REGION:ACCOUNT_ID:repository/team/app",
        }
    ]
    assert left_open([SCAN]) == ("REGION", "ACCOUNT_ID")
    assert left_open([AllowStatement("Scan", ("a:b",), (APP,))]) == ()
    assert text.endswith("}\n")


def test_terraform_looks_up_what_is_unknown() -> None:
    text = write([SCAN], "terraform", "ecr-push-scan")
    assert 'data "aws_region" "current" {}' in text
    place = "${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}"
    assert f'["arn:${{data.aws_partition.current.partition}}:ecr:{place}:repository/team/app"]' in text
    assert 'resource "aws_iam_policy" "ecr_push_scan"' in text
    assert "aws_region" not in write([AllowStatement("Scan", ("a:b",), (APP,))], "terraform", "x")


def test_terraform_takes_nothing_of_a_text_for_a_template() -> None:
    statement = AllowStatement("Own", ("ecr:*",), ("arn:aws:ecr:::${aws:PrincipalTag/team}%{x}",))
    assert "$${aws:PrincipalTag/team}%%{x}" in write([statement], "terraform", "x")


def test_cloudformation_is_a_template() -> None:
    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor("!Sub", lambda loader, node: {"Fn::Sub": node.value})
    template = yaml.load(write([SCAN], "cloudformation", "ecr-push-scan"), Loader)
    policy = template["Resources"]["EcrPushScan"]["Properties"]["PolicyDocument"]
    [statement] = policy["Statement"]
    assert policy["Version"] == "2012-10-17"
    assert statement["Resource"] == {
        "Fn::Sub": "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/team/app"
    }
    own = AllowStatement("Own", ("ecr:*",), ("arn:{partition}:ecr:::${aws:PrincipalTag/team}",))
    assert "${AWS::Partition}:ecr:::${!aws:PrincipalTag/team}" in write([own], "cloudformation", "x")


def test_a_trust_policy_is_a_role_s() -> None:
    policy = read_policy_text(write([TRUSTED], "json", "x", is_trust=True), TRUST, "it")
    assert policy.statements[0].principals
    terraform = write([TRUSTED], "terraform", "ecr-push-github", is_trust=True)
    assert "assume_role_policy = data.aws_iam_policy_document.ecr_push_github.json" in terraform
    assert 'type        = "Federated"' in terraform
    template = yaml.safe_load(write([TRUSTED], "cloudformation", "ecr-push-github", is_trust=True))
    role = template["Resources"]["EcrPushGithub"]
    assert role["Type"] == "AWS::IAM::Role"
    [statement] = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {operator: dict(of) for operator, of in TRUSTED.conditions.items()}
