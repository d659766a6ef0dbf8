"""Conditions that leave fixed parties alone, and those that everyone can meet."""

from __future__ import annotations

from typing import Any

import pytest

from ecr_push.base.iam.kinds import REPOSITORY
from ecr_push.base.iam.read import read_policy
from ecr_push.upkeep.policies.limits import limits


def limited(condition: dict[str, Any]) -> bool:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ecr:PutImage", "Condition": condition}
    policy = read_policy({"Version": "2012-10-17", "Statement": statement}, REPOSITORY, "it")
    return limits(policy.statements[0].conditions)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        {"StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5", "o-b1b2c3d4e5"]}},
        {"StringEquals": {"AWS:principalorgid": "o-a1b2c3d4e5"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}},
        {"StringEquals": {"aws:PrincipalAccount": "111122223333"}},
        {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:lambda:*:111122223333:function:*"}},
        {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::one-bucket"}},
        {"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}},
        {"StringLike": {"aws:userid": "AROAEXAMPLE1234567890:*"}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "10.0.0.0/8", "2001:db8::/32"]}},
        {"StringEquals": {"aws:SourceVpc": "vpc-1"}, "Bool": {"aws:SecureTransport": "true"}},
        # What can never hold opens nothing.
        {"StringEquals": {"aws:PrincipalOrgID": "o-*"}},
    ],
)
def test_fixed_parties(condition: dict[str, Any]) -> None:
    assert limited(condition)


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"Bool": {"aws:PrincipalIsAWSService": "true"}},
        {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
        {"StringLike": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5", "*"]}},
        {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1a2b3c4d"}},
        {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/*"}},
        {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "*/ou-ab12-11111111/*"}},
        {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        {"StringEquals": {"aws:PrincipalTag/team": "shop"}},  # every account can tag its roles
        {"StringEquals": {"aws:PrincipalType": "AssumedRole"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::11112222333?:role/deploy"}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:lambda:eu-west-1:*:function:*"}},
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/1"]}},
        {"IpAddress": {"aws:SourceIp": "::/0"}},
        {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"Null": {"aws:PrincipalOrgID": "false"}},
        {"StringLike": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}},
    ],
)
def test_everyone_can_meet_it(condition: dict[str, Any]) -> None:
    assert not limited(condition)
