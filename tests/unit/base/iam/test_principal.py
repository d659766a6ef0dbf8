"""Whom a policy's principal names, and how."""

from __future__ import annotations

import pytest

from ecr_push.base.iam.document import Principals
from ecr_push.base.iam.principal import Caller, left_out, named

ROLE = "arn:aws:iam::123456789012:role/ci"
SESSION = "arn:aws:sts::123456789012:assumed-role/ci/run-1"
USER = "arn:aws:iam::123456789012:user/team/ann"
ROOT = "arn:aws:iam::123456789012:root"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"


@pytest.mark.parametrize(
    ("principal", "caller", "how"),
    [
        ("*", SESSION, "itself"),
        (SESSION, SESSION, "itself"),
        (ROLE, SESSION, "role"),
        (ROLE, ROLE, "role"),
        (SESSION, ROLE, ""),
        (ROOT, SESSION, "account"),
        ("123456789012", USER, "account"),
        ("210987654321", USER, ""),
        (USER, USER, "itself"),
        (ROLE, USER, ""),
        ("123456789012", ROOT, "account"),
        ("*", "lambda.amazonaws.com", "itself"),
    ],
)
def test_an_aws_principal(principal: str, caller: str, how: str) -> None:
    assert named(Principals(aws=(principal,)), Caller.of(caller)) == how


def test_a_role_with_a_path_is_known_by_its_session() -> None:
    role = "arn:aws:iam::123456789012:role/teams/ci"
    assert named(Principals(aws=(role,)), Caller.of(SESSION, role_arn=role)) == "role"
    assert named(Principals(aws=(role,)), Caller.of(SESSION)) == ""


def test_unique_ids() -> None:
    caller = Caller.of(SESSION, user_id="AROAEXAMPLEID1:run-1")
    assert named(Principals(aws=("AROAEXAMPLEID1",)), caller) == "role"
    assert named(Principals(aws=("AROAEXAMPLEID1:run-1",)), caller) == "itself"


def test_services_and_federated_identities() -> None:
    service = Caller.of("lambda.amazonaws.com")
    assert named(Principals(service=("lambda.amazonaws.com",)), service) == "itself"
    assert named(Principals(service=("codebuild.amazonaws.com",)), service) == ""
    federated = Caller.of(PROVIDER)
    assert named(Principals(federated=(PROVIDER,)), federated) == "itself"
    assert named(Principals(aws=("123456789012",)), federated) == ""
    assert (service.has_policies, federated.has_policies) == (False, False)


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html: an exception
# of a session has to name the account and the role, too.
@pytest.mark.parametrize(
    ("names", "denied"),
    [
        ([ROLE], True),
        ([ROLE, ROOT], True),
        ([ROLE, ROOT, SESSION], False),
        ([ROLE, "123456789012", SESSION], False),
        (["210987654321"], True),
        (["*"], False),
    ],
)
def test_not_principal_of_a_deny(names: list[str], denied: bool) -> None:
    assert left_out(Principals(aws=tuple(names)), Caller.of(SESSION), allows=False) is denied


def test_not_principal_of_an_allow_is_narrow() -> None:
    assert not left_out(Principals(aws=(ROLE,)), Caller.of(SESSION), allows=True)
    assert left_out(Principals(aws=("210987654321",)), Caller.of(SESSION), allows=True)


def test_the_keys_that_follow_from_who_it_is() -> None:
    assert dict(Caller.of(SESSION, user_id="AROA1:run-1", tags={"team": "pay"}).keys()) == {
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalArn": ROLE,
        "aws:PrincipalAccount": "123456789012",
        "aws:PrincipalType": "AssumedRole",
        "aws:userid": "AROA1:run-1",
        "aws:PrincipalTag/team": "pay",
    }
    assert dict(Caller.of(USER).keys())["aws:username"] == "ann"
    assert dict(Caller.of("123456789012").keys())["aws:PrincipalType"] == "Account"
    assert (
        dict(Caller.of("lambda.amazonaws.com").keys())["aws:PrincipalServiceName"] == "lambda.amazonaws.com"
    )
    assert dict(Caller().keys()) == {"aws:PrincipalIsAWSService": "false"}


@pytest.mark.parametrize("who", ["", "ann", "arn:aws:iam::1:user/ann", "arn:aws:iam::123456789012:user", "*"])
def test_what_is_not_a_principal(who: str) -> None:
    with pytest.raises(ValueError, match="expected the ARN of a role, a user or a session"):
        Caller.of(who)
