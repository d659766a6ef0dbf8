"""Principals as a file spells them, and what is meant by those that are not."""

from __future__ import annotations

import pytest

from ecr_push.base.place import Place
from ecr_push.upkeep.policies.principals import parse_principal
from tests.support.policies import ACCOUNT, principal

ROLE = "arn:aws:iam::111122223333:role/deploy"
ORGANISATION = "o-a1b2c3d4e5"
UNIT = f"{ORGANISATION}/r-ab12/ou-ab12-11111111/ou-ab12-22222222"


@pytest.mark.parametrize(
    ("text", "kind", "name", "conditions"),
    [
        ("111122223333", "AWS", "arn:aws:iam::111122223333:root", {}),
        ("012345678901", "AWS", "arn:aws:iam::012345678901:root", {}),
        ("arn:aws:iam::111122223333:root", "AWS", "arn:aws:iam::111122223333:root", {}),
        (ROLE, "AWS", ROLE, {}),
        ("arn:aws:iam::111122223333:user/ci/a", "AWS", "arn:aws:iam::111122223333:user/ci/a", {}),
        (
            "arn:aws:sts::111122223333:assumed-role/deploy/job",
            "AWS",
            "arn:aws:sts::111122223333:assumed-role/deploy/job",
            {},
        ),
        (f"{ROLE}-*", "AWS", "arn:aws:iam::111122223333:root", {"aws:PrincipalArn": f"{ROLE}-*"}),
        (f"org:{ORGANISATION}", "*", "*", {"aws:PrincipalOrgID": ORGANISATION}),
        (f"org:{UNIT}", "*", "*", {"aws:PrincipalOrgPaths": f"{UNIT}/*"}),
        (f"org:{UNIT}/*", "*", "*", {"aws:PrincipalOrgPaths": f"{UNIT}/*"}),
        (
            "lambda",
            "Service",
            "lambda.amazonaws.com",
            {"aws:SourceArn": f"arn:aws:lambda:*:{ACCOUNT}:function:*"},
        ),
        (
            "lambda:111122223333/resize",
            "Service",
            "lambda.amazonaws.com",
            {"aws:SourceArn": "arn:aws:lambda:*:111122223333:function:resize"},
        ),
        (
            "codebuild:111122223333/build",
            "Service",
            "codebuild.amazonaws.com",
            {
                "aws:SourceArn": "arn:aws:codebuild:*:111122223333:project/build",
                "aws:SourceAccount": "111122223333",
            },
        ),
        ("everyone", "*", "*", {}),
        ("*", "*", "*", {}),
    ],
)
def test_a_principal(text: str, kind: str, name: str, conditions: dict[str, str]) -> None:
    who = principal(text)
    assert (who.kind, who.name) == (kind, name)
    assert {one.key: one.values for one in who.conditions} == {
        key: (value,) for key, value in conditions.items()
    }
    assert principal(who.words) == who


def test_arns_are_of_the_registrys_partition() -> None:
    who = parse_principal("111122223333", lambda: Place("cn-north-1"))
    assert who.name == "arn:aws-cn:iam::111122223333:root"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("11112222333", "an account has 12 digits, zeros at its beginning among them, not 11"),
        ("1111-2222-3333", "write an account as 12 digits: 111122223333"),
        (ORGANISATION, f"write org:{ORGANISATION}"),
        ("ou-ab12-11111111", "write org:ou-ab12-11111111"),
        ("org:ou-ab12-11111111", "is a part of a path: write all of it, org:o-…/r-…/ou-ab12-11111111"),
        ("org:o-x", "'org:o-x' is not an organisation: expected org:o- and 10 to 32"),
        ("arn:aws:iam::111122223333:group/admins", "IAM allows no group as a principal: name its users"),
        ("arn:aws:iam::111122223333:instance-profile/ci", "name the role that is in the instance profile"),
        ("arn:aws:iam::*:role/deploy", "its account is '*': expected 12 digits"),
        ("arn:aws:iam::1111:role/deploy", "its account is '1111': expected 12 digits"),
        ("arn:aws-cn:iam::111122223333:role/deploy", "is in the partition aws-cn, the registry in aws"),
        ("arn:aws:lambda:eu-west-1:111122223333:function:resize:1", "write lambda:111122223333/resize"),
        ("arn:aws:codebuild:eu-west-1:111122223333:project/build", "write codebuild:111122223333/build"),
        ("arn:aws:s3:::bucket", "expected arn:aws:iam::ACCOUNT:role/NAME"),
        ("arn:aws:iam", "expected arn:aws:iam::ACCOUNT:role/NAME"),
        ("lambda.amazonaws.com", "write lambda"),
        ("lambda:1", "lambda: '1' is not an account"),
        ("codebuild:111122223333/a b", "codebuild: 'a b' is not the name of a project"),
        ("lamda", "did you mean 'lambda'?"),
        ("ecs", "ECS pulls with the task execution role: name its ARN, or its account"),
        ("ecs-tasks.amazonaws.com", "ECS pulls with the task execution role"),
        ("EKS", "EKS pulls with the role of its nodes"),
        ("github", "GitHub Actions pulls with the role that it assumes"),
        ("public", "every AWS account is 'everyone'"),
        ("deploy", "expected an account (12 digits), org:o-…"),
    ],
)
def test_what_was_meant(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        principal(text)
    assert says in str(refused.value)
