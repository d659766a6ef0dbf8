"""Policies that are read, and every mistake with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.iam.document import Condition, Patterns, Principals
from ecr_push.base.iam.kinds import IDENTITY, PUBLIC_REPOSITORY, REGISTRY, REPOSITORY, TRUST, Kind
from ecr_push.base.iam.read import PolicyError, read_policy, read_policy_text

BY_IDENTITY = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}
BY_RESOURCE = {"Effect": "Allow", "Action": "ecr:*", "Principal": "*"}


def problems(kind: Kind, *statements: Any, **members: Any) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as caught:
        read_policy({"Version": "2012-10-17", "Statement": list(statements), **members}, kind, "it")
    return caught.value.problems


def test_a_whole_statement() -> None:
    value = {
        "Sid": "Pull from the cluster",
        "Effect": "Deny",
        "NotPrincipal": {"AWS": ["123456789012"], "Service": "lambda.amazonaws.com"},
        "NotAction": "ecr:Get*",
        "Condition": {
            "ForAnyValue:StringLikeIfExists": {"aws:PrincipalOrgPaths": ["o-1/*", "o-2/*"]},
            "Bool": {"aws:SecureTransport": False},
        },
    }
    policy = read_policy_text(json.dumps({"Statement": value}), REPOSITORY, "the repository's policy")
    [statement] = policy.statements
    assert (policy.version, policy.has_variables) == ("2008-10-17", False)
    assert statement.title == "Statement (Pull from the cluster)"
    assert statement.principals == Principals(("123456789012",), ("lambda.amazonaws.com",), negated=True)
    assert statement.actions == Patterns(("ecr:Get*",), negated=True)
    assert (statement.allows, statement.resources) == (False, None)
    assert statement.conditions == (
        Condition("StringLike", "aws:PrincipalOrgPaths", ("o-1/*", "o-2/*"), "ForAnyValue", True),
        Condition("Bool", "aws:SecureTransport", ("false",)),
    )


@pytest.mark.parametrize(
    ("kind", "statement", "problem"),
    [
        (IDENTITY, "all", "Statement[0] is 'all', expected an object"),
        (IDENTITY, {"Action": "*", "Resource": "*"}, "Statement[0].Effect is absent, expected 'Allow'"),
        (IDENTITY, {**BY_IDENTITY, "Effect": "allow"}, "Statement[0].Effect is 'allow', expected 'Allow'"),
        (IDENTITY, {**BY_IDENTITY, "Actions": "*"}, "unknown member 'Actions'; did you mean 'Action'?"),
        (IDENTITY, {**BY_IDENTITY, "NotAction": "*"}, "Statement[0] has both Action and NotAction"),
        (IDENTITY, {"Effect": "Allow", "Action": "*"}, "Statement[0] needs one of Resource and NotResource"),
        (IDENTITY, {**BY_IDENTITY, "Action": "PutImage"}, "Statement[0].Action has 'PutImage', expected '*'"),
        (IDENTITY, {**BY_IDENTITY, "Action": []}, "Statement[0].Action is an empty list"),
        (IDENTITY, {**BY_IDENTITY, "Resource": "team/app"}, "has 'team/app', expected '*' or an ARN"),
        (IDENTITY, {**BY_IDENTITY, "Resource": [7]}, "Statement[0].Resource has 7, expected text"),
        (
            IDENTITY,
            {**BY_IDENTITY, "Principal": "*"},
            "has a Principal, which a policy of an identity cannot",
        ),
        (IDENTITY, {**BY_IDENTITY, "Sid": "push it"}, "Statement[0].Sid is 'push it', expected letters"),
        (IDENTITY, {**BY_IDENTITY, "Condition": []}, "Statement[0].Condition is an empty list, expected an"),
        (REPOSITORY, {**BY_RESOURCE, "Resource": "*"}, "has a Resource, which a repository's policy cannot"),
        (REPOSITORY, {"Effect": "Allow", "Action": "*"}, "needs one of Principal and NotPrincipal"),
        (REPOSITORY, {**BY_RESOURCE, "Principal": {}}, "Statement[0].Principal is an empty object"),
        (REPOSITORY, {**BY_RESOURCE, "Principal": {"Aws": "*"}}, "unknown member 'Aws'; did you mean 'AWS'?"),
        (
            REPOSITORY,
            {**BY_RESOURCE, "Principal": {"AWS": "arn:aws:iam::1:root"}},
            "expected '*', an account",
        ),
        (
            REPOSITORY,
            {**BY_RESOURCE, "Principal": {"AWS": "arn:aws:iam::123456789012:role/*"}},
            "part of an ARN cannot be '*'",
        ),
        (REPOSITORY, {**BY_RESOURCE, "Action": ["s3:Get*"]}, "'s3:Get*', which is not an action of ecr"),
        (PUBLIC_REPOSITORY, BY_RESOURCE, "'ecr:*', which is not an action of ecr-public"),
        (REGISTRY, BY_RESOURCE, "Statement[0] needs one of Resource and NotResource"),
        (TRUST, BY_RESOURCE, "'ecr:*', which is not an action of sts"),
    ],
)
def test_a_mistake(kind: Kind, statement: Any, problem: str) -> None:
    [found] = problems(kind, statement)
    assert problem in found


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ({"StringEqual": {"k": "v"}}, "has 'StringEqual', which is not an operator; did you mean 'StringEqu"),
        ({"NullIfExists": {"k": "true"}}, "'NullIfExists', which is not an operator"),
        ({"ForEachValue:StringLike": {"k": "v"}}, "which is not an operator"),
        ({"Bool": {"k": "yes"}}, "Condition.Bool.k has 'yes', expected true or false"),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}, "'10.0.0.0/33', expected an IP address"),
        ({"NumericLessThan": {"k": "ten"}}, "'ten', expected a number"),
        ({"DateLessThan": {"k": "soon"}}, "'soon', expected a date in ISO 8601"),
        ({"BinaryEquals": {"k": "?"}}, "'?', expected base64"),
        ({"StringEquals": {}}, "Condition.StringEquals is an empty object, expected keys"),
        ({"StringEquals": {"k": None}}, "Condition.StringEquals.k has None, expected text"),
        ({"StringEquals": {"k": "${aws:Source Ip}"}}, "whose variable is not"),
    ],
)
def test_a_mistake_in_a_condition(condition: Any, problem: str) -> None:
    [found] = problems(IDENTITY, {**BY_IDENTITY, "Condition": condition})
    assert problem in found


def test_all_mistakes_at_once() -> None:
    found = problems(
        IDENTITY,
        {**BY_IDENTITY, "Sid": "A", "Effect": "no"},
        {**BY_IDENTITY, "Sid": "A", "Action": "push"},
        Version="2012-10-18",
        Statements=[],
    )
    assert [one.split(" ")[0] for one in found] == [
        "it",
        "Version",
        "Statement[0].Effect",
        "Statement[1].Action",
        "Statement[1].Sid",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "it is not valid JSON"),
        ("[]", "it is an empty list, expected an object"),
        ("{}", "Statement is absent, expected an object or a list of them"),
        ('{"Statement": []}', "Statement is an empty list"),
        ('{"Statement": 1}', "Statement is 1, expected"),
        ('{"Version": "a", "Version": "b"}', "'Version' is there twice"),
    ],
)
def test_what_is_not_a_policy(text: str, problem: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read_policy_text(text, REPOSITORY, "it")
    assert problem in str(caught.value)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text("aA*:$", max_size=4)
    | st.sampled_from(["Allow", "AWS"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Statement", "Effect", "Action", "Principal", "Condition", "StringLike", "AWS"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([IDENTITY, REPOSITORY, REGISTRY, TRUST]))
def test_any_value_is_a_policy_or_a_list_of_mistakes(value: Any, kind: Kind) -> None:
    try:
        assert read_policy({"Statement": value}, kind, "it").statements
    except PolicyError as error:
        assert error.problems
