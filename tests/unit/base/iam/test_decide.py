"""Decisions over all types of policies. Each row is a sentence of the pages that `decide` names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.base.iam.context import Context
from ecr_push.base.iam.decide import Decision, Policies, Request, decide
from ecr_push.base.iam.document import Policy
from ecr_push.base.iam.kinds import IDENTITY, REPOSITORY, TRUST
from ecr_push.base.iam.principal import Caller
from ecr_push.base.iam.read import read_policy

ACCOUNT, OTHER = "123456789012", "210987654321"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run-1"
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
REPOSITORY_ARN = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/team/app"
THEIRS = REPOSITORY_ARN.replace(ACCOUNT, OTHER)
PULL = "ecr:BatchGetImage"


def identity(*actions: str, effect: str = "Allow", resource: str = "*", **more: Any) -> Policy:
    statement = {"Effect": effect, "Action": list(actions) or [PULL], "Resource": resource, **more}
    return read_policy({"Version": "2012-10-17", "Statement": [statement]}, IDENTITY, "the role's policy")


def resource(principal: Any, effect: str = "Allow", action: str = PULL, **more: Any) -> Policy:
    statement = {"Effect": effect, "Action": action, "Principal": principal, **more}
    return read_policy(
        {"Version": "2012-10-17", "Statement": [statement]}, REPOSITORY, "the repository's policy"
    )


def asked(who: str = SESSION, arn: str = REPOSITORY_ARN, **more: Any) -> Request:
    owner = "" if arn == "*" else arn.split(":")[4]
    return Request(Caller.of(who), more.pop("action", PULL), arn, owner, **more)


ALLOWS, DENIES, OTHER_ACTION = identity(), identity(effect="Deny"), identity("ecr:PutImage")


@pytest.mark.parametrize(
    ("who", "policies", "effect", "lacking"),
    [
        (SESSION, Policies(), "implicit deny", "identity-based policy"),
        (SESSION, Policies((ALLOWS,)), "allow", None),
        (SESSION, Policies((OTHER_ACTION,)), "implicit deny", "identity-based policy"),
        (SESSION, Policies((ALLOWS, DENIES)), "explicit deny", None),
        # A boundary, a session policy and a service control policy only limit.
        (SESSION, Policies((ALLOWS,), boundary=()), "implicit deny", "permissions boundary"),
        (SESSION, Policies((ALLOWS,), boundary=(ALLOWS,)), "allow", None),
        (SESSION, Policies((), boundary=(ALLOWS,)), "implicit deny", "identity-based policy"),
        (SESSION, Policies((ALLOWS,), session=(OTHER_ACTION,)), "implicit deny", "session policy"),
        (SESSION, Policies((ALLOWS,), session=(ALLOWS,)), "allow", None),
        (SESSION, Policies((ALLOWS,), scps=((ALLOWS,), ())), "implicit deny", "service control policy"),
        (SESSION, Policies((ALLOWS,), scps=((ALLOWS,), (ALLOWS,))), "allow", None),
        (SESSION, Policies((ALLOWS,), scps=((ALLOWS, DENIES),)), "explicit deny", None),
        (SESSION, Policies((ALLOWS,), rcps=((OTHER_ACTION,),)), "implicit deny", "resource control policy"),
        (f"{ACCOUNT}", Policies(), "allow", None),  # an account's root needs no policy
        # In one account either an identity's or the resource's policy allows.
        (SESSION, Policies(resource=(resource({"AWS": ROLE}),)), "allow", None),
        (SESSION, Policies(resource=(resource({"AWS": SESSION}),)), "allow", None),
        (SESSION, Policies(resource=(resource("*"),)), "allow", None),
        (USER, Policies(resource=(resource({"AWS": USER}),)), "allow", None),
        (SESSION, Policies((ALLOWS,), resource=(resource({"AWS": OTHER}),)), "allow", None),
        (SESSION, Policies((ALLOWS,), resource=(resource({"AWS": ROLE}, "Deny"),)), "explicit deny", None),
        # The account as principal passes the decision on to the account's own policies.
        (SESSION, Policies(resource=(resource({"AWS": ACCOUNT}),)), "implicit deny", "identity-based policy"),
        (SESSION, Policies((ALLOWS,), resource=(resource({"AWS": ACCOUNT}),)), "allow", None),
        # What is given to a role is limited by its boundary and by the session's policy …
        (
            SESSION,
            Policies(resource=(resource({"AWS": ROLE}),), boundary=()),
            "implicit deny",
            "permissions boundary",
        ),
        (
            SESSION,
            Policies(resource=(resource({"AWS": ROLE}),), session=()),
            "implicit deny",
            "session policy",
        ),
        # … what is given to the session, or to a user, is not.
        (SESSION, Policies(resource=(resource({"AWS": SESSION}),), boundary=(), session=()), "allow", None),
        (USER, Policies(resource=(resource({"AWS": USER}),), boundary=()), "allow", None),
        (USER, Policies(resource=(resource({"AWS": USER}),), boundary=(DENIES,)), "explicit deny", None),
        (
            USER,
            Policies(resource=(resource({"AWS": USER}),), scps=((),)),
            "implicit deny",
            "service control policy",
        ),
        # Services have no policies of their own, and no service control policy limits them.
        ("lambda.amazonaws.com", Policies((ALLOWS,)), "implicit deny", "resource-based policy"),
        (
            "lambda.amazonaws.com",
            Policies(resource=(resource({"Service": "lambda.amazonaws.com"}),), scps=((),)),
            "allow",
            None,
        ),
    ],
)
def test_one_account(who: str, policies: Policies, effect: str, lacking: str | None) -> None:
    found = decide(asked(who), policies)
    assert (found.effect, found.lacking) == (effect, lacking)
    assert bool(found.reasons) == (effect != "implicit deny") or who == ACCOUNT


@pytest.mark.parametrize(
    ("policies", "effect", "lacking"),
    [
        (Policies((ALLOWS,)), "implicit deny", "resource-based policy"),
        (Policies(resource=(resource({"AWS": ROLE}),)), "implicit deny", "identity-based policy"),
        (Policies(resource=(resource("*"),)), "implicit deny", "identity-based policy"),
        (Policies((ALLOWS,), resource=(resource({"AWS": ROLE}),)), "allow", None),
        (Policies((ALLOWS,), resource=(resource({"AWS": ACCOUNT}),)), "allow", None),
        (Policies((ALLOWS,), resource=(resource("*"),)), "allow", None),
        (
            Policies((ALLOWS,), resource=(resource({"AWS": SESSION}),), boundary=()),
            "implicit deny",
            "permissions boundary",
        ),
        (
            Policies((ALLOWS,), resource=(resource({"AWS": ROLE}), resource("*", "Deny"))),
            "explicit deny",
            None,
        ),
    ],
)
def test_two_accounts_have_to_agree(policies: Policies, effect: str, lacking: str | None) -> None:
    found = decide(asked(arn=THEIRS), policies)
    assert (found.effect, found.lacking) == (effect, lacking)


@pytest.mark.parametrize(
    ("trusted", "identity_policies", "effect"),
    [
        ({"AWS": USER}, (), "allow"),
        ({"AWS": ACCOUNT}, (), "implicit deny"),
        ({"AWS": ACCOUNT}, (identity("sts:AssumeRole"),), "allow"),
        ({"AWS": OTHER}, (identity("sts:AssumeRole"),), "implicit deny"),
    ],
)
def test_a_role_is_assumed_by_whom_it_trusts(
    trusted: Any, identity_policies: tuple[Policy, ...], effect: str
) -> None:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted}
    trust = read_policy({"Statement": [statement]}, TRUST, "the trust policy")
    request = Request(Caller.of(USER), "sts:AssumeRole", ROLE, ACCOUNT)
    assert decide(request, Policies(identity_policies, (trust,), must_be_named=True)).effect == effect


def test_the_statements_that_decide_are_named() -> None:
    deny = resource(
        {"AWS": ROLE}, "Deny", Sid="NotFromHere", Condition={"Bool": {"aws:SecureTransport": "false"}}
    )
    policies = Policies((ALLOWS,), resource=(deny,))
    insecure = replace(asked(), context=Context.of({"aws:SecureTransport": "false"}))
    [reason] = decide(insecure, policies).reasons
    assert reason.title == "Statement[0] (NotFromHere) of the repository's policy"
    assert reason.layer == "resource-based policy"
    secure = decide(replace(asked(), context=Context.of({"aws:SecureTransport": "true"})), policies)
    assert [one.title for one in secure.reasons] == ["Statement[0] of the role's policy"]


def within(key: str, value: str, effect: str = "Allow") -> Policy:
    return identity(effect=effect, Condition={"StringEquals": {key: value}})


@pytest.mark.parametrize(
    ("policies", "effect", "depends_on"),
    [
        (Policies((within("aws:SourceVpce", "vpce-1"),)), "depends", ("aws:sourcevpce",)),
        (Policies((ALLOWS, within("aws:SourceVpce", "vpce-1"))), "allow", ()),
        (Policies((ALLOWS, within("aws:SourceVpce", "x", "Deny"))), "depends", ("aws:sourcevpce",)),
        (Policies((within("aws:SourceVpce", "x", "Deny"),)), "implicit deny", ()),
        (Policies((DENIES, within("aws:SourceVpce", "x"))), "explicit deny", ()),
        (Policies((within("aws:PrincipalAccount", ACCOUNT),)), "allow", ()),  # follows from who it is
        (Policies((within("aws:ResourceAccount", OTHER),)), "implicit deny", ()),
    ],
)
def test_what_is_unknown_is_said(policies: Policies, effect: str, depends_on: tuple[str, ...]) -> None:
    found = decide(replace(asked(), context=Context.of({}, is_whole=False)), policies)
    assert (found.effect, found.depends_on) == (effect, depends_on)


def test_an_action_without_a_resource_needs_a_statement_for_all() -> None:
    login = asked(arn="*", action="ecr:GetAuthorizationToken")
    assert not decide(login, Policies((identity("ecr:*", resource=REPOSITORY_ARN),))).allowed
    assert decide(login, Policies((identity("ecr:*"),))).allowed


# Properties: whatever the policies.
CONDITIONS = st.sampled_from(
    [{}, {"StringEquals": {"k": "a"}}, {"StringNotEquals": {"k": "a"}}, {"Null": {"k": "true"}}]
)
IDENTITY_POLICIES = st.builds(
    lambda effect, action, condition: identity(action, effect=effect, Condition=condition),
    st.sampled_from(["Allow", "Deny"]),
    st.sampled_from([PULL, "ecr:*", "ecr:PutImage"]),
    CONDITIONS,
)
RESOURCE_POLICIES = st.builds(
    lambda effect, principal, condition: resource(principal, effect, Condition=condition),
    st.sampled_from(["Allow", "Deny"]),
    st.sampled_from(["*", {"AWS": ROLE}, {"AWS": SESSION}, {"AWS": ACCOUNT}, {"AWS": OTHER}]),
    CONDITIONS,
)
SOME_IDENTITY = st.lists(IDENTITY_POLICIES, max_size=3).map(tuple)
SOME_POLICIES = st.builds(
    Policies,
    SOME_IDENTITY,
    st.lists(RESOURCE_POLICIES, max_size=3).map(tuple),
    st.none() | SOME_IDENTITY,
    st.none() | SOME_IDENTITY,
    st.just(()) | st.tuples(SOME_IDENTITY),
)
REQUESTS = st.builds(
    lambda who, arn, values: asked(who, arn, context=Context.of({"k": values})),
    st.sampled_from([SESSION, ROLE, USER]),
    st.sampled_from([REPOSITORY_ARN, THEIRS]),
    st.sampled_from([[], ["a"], ["b"]]),
)


@given(REQUESTS, SOME_POLICIES)
def test_an_unknown_key_never_decides_otherwise_than_its_values_do(
    request: Request, policies: Policies
) -> None:
    unknown = decide(replace(request, context=Context.of({}, is_whole=False)), policies)
    each = {
        decide(replace(request, context=Context.of({"k": one})), policies).allowed for one in ([], "a", "b")
    }
    if unknown.effect == "depends":
        assert unknown.depends_on == ("k",)
    else:
        assert each == {unknown.allowed}


@given(REQUESTS, SOME_POLICIES, IDENTITY_POLICIES)
def test_a_deny_never_allows_and_an_allow_never_denies(
    request: Request, policies: Policies, more: Policy
) -> None:
    before = decide(request, policies)
    after = decide(request, replace(policies, identity=(*policies.identity, more)))
    allows = more.statements[0].allows
    assert not (after.allowed and not before.allowed and not allows)
    assert not (before.allowed and not after.allowed and allows)


@given(REQUESTS, SOME_POLICIES)
def test_a_limit_only_limits(request: Request, policies: Policies) -> None:
    free = replace(policies, boundary=None, session=None, scps=())
    assert decide(request, free).allowed or not decide(request, policies).allowed


@given(REQUESTS, SOME_POLICIES)
def test_the_order_of_policies_does_not_count(request: Request, policies: Policies) -> None:
    def backwards(of: Sequence[Policy]) -> tuple[Policy, ...]:
        return tuple(reversed(of))

    turned = replace(policies, identity=backwards(policies.identity), resource=backwards(policies.resource))
    one, other = decide(request, policies), decide(request, turned)
    assert (one.effect, one.lacking, set(map(id, one.reasons)) == set()) == (
        other.effect,
        other.lacking,
        set(map(id, other.reasons)) == set(),
    )


@given(REQUESTS, SOME_POLICIES)
def test_a_decision_names_what_decides(request: Request, policies: Policies) -> None:
    found: Decision = decide(request, policies)
    if found.effect == "implicit deny":
        assert found.lacking and not found.reasons
    else:
        assert {one.statement.allows for one in found.reasons} == {found.effect == "allow"}
