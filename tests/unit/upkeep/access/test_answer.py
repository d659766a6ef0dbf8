"""Whether a principal may: same account and another one, denies, conditions, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ecr_push.base.iam.decide import Policies
from ecr_push.base.iam.document import Policy
from ecr_push.base.iam.ecr_actions import ACTIONS, WITHOUT_RESOURCE
from ecr_push.base.iam.kinds import IDENTITY, REGISTRY, REPOSITORY, Kind
from ecr_push.base.iam.read import read_policy, read_policy_text
from ecr_push.upkeep.access.answer import Answer, Situation, answer, verdict_of
from ecr_push.upkeep.access.question import read_actions, read_context, read_subject
from ecr_push.upkeep.policies.model import PULL, Grant
from ecr_push.upkeep.policies.render import repository_policy
from tests.support.policies import ACCOUNT, PLACE, PULLERS, principal

OWN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci"
OTHER_ROLE = "arn:aws:iam::111122223333:role/deploy"
ARN = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/team/shop"


def policy(kind: Kind, name: str, *statements: Mapping[str, Any]) -> Policy:
    whole = [{"Effect": "Allow", "Action": "ecr:*", **one} for one in statements]
    if kind is not REPOSITORY:
        whole = [{"Resource": "*", **one} for one in whole]
    return (
        read_policy({"Version": "2012-10-17", "Statement": whole}, kind, name) if whole else Policy(name, ())
    )


def identity(*statements: Mapping[str, Any]) -> tuple[Policy, ...]:
    return (policy(IDENTITY, "identity.json", *statements),)


def repository(*statements: Mapping[str, Any]) -> Policy:
    return policy(REPOSITORY, "the repository's policy", *statements)


def registry(*statements: Mapping[str, Any]) -> Policy:
    return policy(REGISTRY, "the registry's policy", *statements)


EMPTY = Situation(PLACE, "team/shop", {}, repository(), registry(), identity())
EVERYTHING = replace(EMPTY, identity=identity({"Sid": "All"}))


def asked(who: str, action: str, situation: Situation) -> dict[str, Answer]:
    subject = read_subject(who, PLACE)
    return {one.action: one for one in answer(read_actions(action, subject), subject, situation)}


def one(who: str, action: str, situation: Situation) -> Answer:
    [found] = asked(who, action, situation).values()
    return found


def test_in_the_same_account_one_policy_is_enough() -> None:
    found = one(OWN_ROLE, "PutImage", EVERYTHING)
    assert (found.verdict, found.why) == ("yes", "Statement[0] (All) of identity.json")
    assert (found.resource, found.by) == (ARN, ("Statement[0] (All) of identity.json",))
    opened = replace(EMPTY, repository=repository({"Principal": {"AWS": OWN_ROLE}}))
    assert one(OWN_ROLE, "PutImage", opened).why == "Statement[0] of the repository's policy"
    nothing = one(OWN_ROLE, "PutImage", EMPTY)
    assert (nothing.verdict, nothing.why) == ("no", "its own policies do not allow it")


def test_from_another_account_both_are_needed() -> None:
    refused = one(OTHER_ROLE, "PutImage", EVERYTHING)
    assert (refused.verdict, refused.lacking) == ("no", "resource-based policy")
    assert refused.why == "no policy of the repository or the registry allows it"
    opened = repository({"Sid": "Other", "Principal": {"AWS": "111122223333"}})
    assert one(OTHER_ROLE, "PutImage", replace(EVERYTHING, repository=opened)).verdict == "yes"
    refused = one(OTHER_ROLE, "PutImage", replace(EMPTY, repository=opened))
    assert (refused.verdict, refused.why) == ("no", "its own policies do not allow it")


def test_an_explicit_deny_wins_wherever_it_is() -> None:
    deny = {"Sid": "Never", "Effect": "Deny", "Action": "ecr:PutImage"}
    for situation, title in (
        (replace(EVERYTHING, identity=identity({}, deny)), "Statement[1] (Never) of identity.json"),
        (
            replace(EVERYTHING, repository=repository({**deny, "Principal": "*"})),
            "Statement[0] (Never) of the repository's policy",
        ),
        (
            replace(EVERYTHING, registry=registry({**deny, "Principal": "*"})),
            "Statement[0] (Never) of the registry's policy",
        ),
    ):
        found = asked(OWN_ROLE, "push", situation)
        assert (found["ecr:PutImage"].verdict, found["ecr:PutImage"].why) == ("no", f"denied by {title}")
        assert found["ecr:UploadLayerPart"].verdict == "yes"
        assert verdict_of(list(found.values())) == "no"


def test_boundaries_and_organisations() -> None:
    pulls = policy(IDENTITY, "boundary.json", {"Action": "ecr:Batch*"})
    others = Policies(boundary=(pulls,))
    found = asked(OWN_ROLE, "pull", replace(EVERYTHING, others=others))
    assert found["ecr:BatchGetImage"].verdict == "yes"
    assert found["ecr:GetDownloadUrlForLayer"].why == "its permissions boundary does not allow it"
    whole = policy(IDENTITY, "root.json", {"Action": "*"})
    found = asked(OWN_ROLE, "delete", replace(EVERYTHING, others=Policies(scps=((whole,), (pulls,)))))
    assert found["ecr:BatchDeleteImage"].verdict == "yes"
    assert one(OWN_ROLE, "PutImage", replace(EVERYTHING, others=Policies(scps=((pulls,),)))).why == (
        "a service control policy does not allow it"
    )


def test_a_login_is_a_call_to_the_callers_own_registry() -> None:
    """So no policy of this registry is about that of another account."""
    deny = registry({"Effect": "Deny", "Principal": "*", "Action": "ecr:GetAuthorizationToken"})
    opened = repository({"Principal": {"AWS": OTHER_ROLE}})
    situation = replace(EVERYTHING, registry=deny, repository=opened)
    assert asked(OWN_ROLE, "pull", situation)["ecr:GetAuthorizationToken"].verdict == "no"
    other = asked(OTHER_ROLE, "pull", situation)["ecr:GetAuthorizationToken"]
    assert (other.verdict, other.resource) == ("yes", "*")


def test_what_a_condition_needs_and_is_not_known_is_said() -> None:
    inside = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    situation = replace(EVERYTHING, repository=repository({"Principal": "*", "Condition": inside}))
    found = one(OTHER_ROLE, "PutImage", situation)
    assert (found.verdict, found.depends_on) == ("depends", ("aws:PrincipalOrgID",))
    assert found.why == "depends on aws:PrincipalOrgID (Statement[0] of the repository's policy)"
    for value, verdict in (("o-a1b2c3d4e5", "yes"), ("o-zzzzzzzzzz", "no"), ("", "no")):
        known = replace(situation, given=read_context([f"AWS:principalOrgId={value}"]))
        assert one(OTHER_ROLE, "PutImage", known).verdict == verdict
    outside = {"Effect": "Deny", "Principal": "*", "Condition": {"StringNotEquals": {"aws:SourceVpce": "v"}}}
    situation = replace(EVERYTHING, repository=repository(outside))
    assert one(OWN_ROLE, "PutImage", situation).depends_on == ("aws:SourceVpce",)
    assert (
        one(OWN_ROLE, "PutImage", replace(situation, given=read_context(["aws:SourceVpce=v"]))).verdict
        == "yes"
    )


def test_tags_of_the_repository_are_known() -> None:
    tagged = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "shop"}}}
    situation = replace(EMPTY, identity=identity(tagged))
    assert one(OWN_ROLE, "PutImage", replace(situation, tags={"team": "shop"})).verdict == "yes"
    assert one(OWN_ROLE, "PutImage", replace(situation, tags={"team": "web"})).verdict == "no"
    assert one(OWN_ROLE, "PutImage", situation).verdict == "no"
    assert one(OWN_ROLE, "PutImage", replace(situation, tags=None)).depends_on == ("aws:ResourceTag/team",)


def test_policies_that_are_not_known_are_never_taken_as_allowing() -> None:
    found = one(OWN_ROLE, "PutImage", replace(EMPTY, identity=None))
    assert (found.verdict, found.why) == ("depends", "depends on its own policies")
    found = one(OTHER_ROLE, "PutImage", replace(EMPTY, identity=None))
    assert (found.verdict, found.lacking) == ("no", "resource-based policy")
    found = one(OWN_ROLE, "PutImage", replace(EVERYTHING, repository=None, registry=None))
    assert found.why == "depends on the repository's policy and the registry's policy"
    deny = replace(EVERYTHING, identity=identity({"Effect": "Deny"}), repository=None)
    assert one(OWN_ROLE, "PutImage", deny).verdict == "no"
    root = one(ACCOUNT, "PutImage", replace(EMPTY, identity=None))
    assert (root.verdict, root.why) == ("yes", "it is the account's root")


def test_the_first_version_of_a_registrys_policy_is_about_a_few_actions() -> None:
    everyone = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*"}
    denies = replace(EVERYTHING, registry=registry(everyone))
    found = {
        version: [
            one(OWN_ROLE, action, replace(denies, registry_version=version)).verdict
            for action in ("PutImage", "CreateRepository")
        ]
        for version in (1, 2, 0)
    }
    assert found == {1: ["yes", "no"], 2: ["no", "no"], 0: ["depends", "no"]}
    unknown = one(OWN_ROLE, "PutImage", replace(denies, registry_version=0))
    assert unknown.depends_on == ("the version of the registry's policy",)
    assert one(OWN_ROLE, "PutImage", replace(EVERYTHING, registry_version=0)).verdict == "yes"


def test_services_come_on_behalf_of_a_resource() -> None:
    text = repository_policy([Grant("pull", principal("lambda:111122223333/resize"))])
    situation = replace(EMPTY, identity=None, repository=read_policy_text(text, REPOSITORY, "the policy"))
    assert list(asked("lambda:111122223333/resize", "pull", situation)) == [
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    ]
    for who, verdict in (
        ("lambda:111122223333/resize", "yes"),
        ("lambda:111122223333/other", "no"),
        ("lambda:444455556666/resize", "no"),
        ("lambda:111122223333", "depends"),
        ("lambda", "depends"),
        ("lambda.amazonaws.com", "depends"),
        ("codebuild:111122223333/resize", "no"),
        (OTHER_ROLE, "no"),
    ):
        assert verdict_of(list(asked(who, "pull", situation).values())) == verdict, who


def insider(text: str) -> tuple[str, list[str]]:
    """One of those whom a short form means, and what its requests have."""
    if text == "everyone":
        return "arn:aws:iam::777777777777:role/any", []
    if text.startswith("org:"):
        path = text.removeprefix("org:")
        key = "aws:PrincipalOrgPaths" if "/" in path else "aws:PrincipalOrgID"
        within = f"{path}/ou-zz99-zzzzzzzz/" if "/" in path else path
        return "arn:aws:iam::777777777777:role/any", [f"{key}={within}"]
    if text.startswith("arn:"):
        return text.replace("*", "x"), []
    if text.isdigit():
        return f"arn:aws:iam::{text}:role/any", []
    service, _, rest = text.partition(":")
    return (text if "/" in text else f"{service}:{rest or ACCOUNT}/any"), []


@given(st.lists(PULLERS, min_size=1, max_size=4), st.sampled_from(ACTIONS))
def test_a_short_form_lets_in_whom_it_names_and_no_one_else(granted: list[str], action: str) -> None:
    grants = [Grant("pull", principal(one)) for one in granted]
    opened = read_policy_text(repository_policy(grants), REPOSITORY, "the policy")
    situation = replace(EVERYTHING, repository=opened)
    assume(action not in WITHOUT_RESOURCE)
    for text, grant in zip(granted, grants, strict=True):
        who, context = insider(text)
        subject = read_subject(who, PLACE)
        assume(subject.caller.account != ACCOUNT)
        [found] = answer([f"ecr:{action}"], subject, replace(situation, given=read_context(context)))
        if f"ecr:{action}" in grant.actions:
            assert found.verdict == "yes", (who, found)
        elif f"ecr:{action}" not in PULL:
            assert found.verdict == "no", (who, found)
    outsider = read_subject("arn:aws:iam::888888888888:role/any", PLACE)
    nowhere = read_context(["aws:PrincipalOrgID=", "aws:PrincipalOrgPaths="])
    [found] = answer([f"ecr:{action}"], outsider, replace(situation, given=nowhere))
    let_in = f"ecr:{action}" in PULL and {"everyone", "888888888888"} & set(granted)
    assert (found.verdict == "yes") == bool(let_in)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("org:o-a1b2c3d4e5", "is many principals: name a role, and --context aws:PrincipalOrgID"),
        ("arn:aws:iam::111122223333:role/*", "is many principals: name one"),
        ("deploy", "'deploy' is not a principal: expected the ARN of a role"),
    ],
)
def test_who_cannot_be_asked_about(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        read_subject(text, PLACE)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("puhs", "'puhs' is not pull, push, delete or an action of ECR; did you mean 'push'?"),
        ("ecr:PutImages", "did you mean 'PutImage'?"),
        ("s3:GetObject", "is not pull, push, delete or an action of ECR"),
        ("ecr:*", "'ecr:*' is many actions: name one, or pull, push or delete"),
    ],
)
def test_what_cannot_be_asked(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        read_actions(text, read_subject(OWN_ROLE, PLACE))
    assert says in str(refused.value)


def test_the_context_that_is_given() -> None:
    assert read_context(["aws:CalledVia=a", "aws:CalledVia=b", "aws:userid=x=y", "aws:SourceVpc="]) == {
        "aws:CalledVia": ("a", "b"),
        "aws:userid": ("x=y",),
        "aws:SourceVpc": (),
    }
    for text in ("aws:SourceVpc", "x=1", "aws:=1"):
        with pytest.raises(ValueError, match="is not KEY=VALUE, such as aws:PrincipalOrgID"):
            read_context([text])
