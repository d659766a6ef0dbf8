"""Whom a pipeline's role trusts, decided by the evaluator; and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ecr_push.base.iam.allow_statement import AllowStatement, policy_of
from ecr_push.base.iam.context import Context
from ecr_push.base.iam.decide import Policies, Request, decide
from ecr_push.base.iam.kinds import TRUST
from ecr_push.base.iam.principal import Caller
from ecr_push.base.iam.read import read_policy
from ecr_push.base.place import Place
from ecr_push.ci.trust_policy import EksTrust, GithubTrust, TrustError, codebuild_trust, ec2_trust

PLACE = Place("eu-west-1", "123456789012")
HOST = "token.actions.githubusercontent.com"
OIDC = f"oidc.eks.eu-west-1.amazonaws.com/id/{'A1' * 16}"
ROLE = "arn:aws:iam::123456789012:role/ci"


def trusts(statement: AllowStatement, caller: Caller, **keys: Any) -> bool:
    policy = read_policy(policy_of([statement]), TRUST, "the trust policy")
    context = Context.of({key.replace("__", ":"): value for key, value in keys.items()})
    return decide(
        Request(caller, statement.actions[0], ROLE, "123456789012", context),
        Policies(resource=(policy,), must_be_named=True),
    ).allowed


def by_token(
    statement: AllowStatement, subject: str, audience: str = "sts.amazonaws.com", issuer: str = HOST
) -> bool:
    provider = Caller.of(f"arn:aws:iam::123456789012:oidc-provider/{issuer}")
    return trusts(statement, provider, **{f"{issuer}:sub": subject, f"{issuer}:aud": audience})


GITHUB = GithubTrust("acme/shop", ("main", "release/*"), ("v*",), ("prod:eu",), pull_requests=True)


@pytest.mark.parametrize(
    ("subject", "trusted"),
    [
        ("repo:acme/shop:ref:refs/heads/main", True),
        ("repo:acme/shop:ref:refs/heads/release/1.4", True),
        ("repo:acme/shop:ref:refs/heads/main2", False),
        ("repo:acme/shop:ref:refs/tags/v1.4.2", True),
        ("repo:acme/shop:ref:refs/tags/1.4.2", False),
        ("repo:acme/shop:environment:prod%3Aeu", True),
        ("repo:acme/shop:environment:staging", False),
        ("repo:acme/shop:pull_request", True),
        ("repo:acme/other:ref:refs/heads/main", False),
        ("repo:evil/shop:ref:refs/heads/main", False),
    ],
)
def test_jobs_of_github(subject: str, trusted: bool) -> None:
    assert by_token(GITHUB.statement(PLACE), subject) is trusted


def test_github_s_token_is_for_sts_and_of_its_own_issuer() -> None:
    statement = GithubTrust("acme/shop", ("main",)).statement(PLACE)
    subject = "repo:acme/shop:ref:refs/heads/main"
    assert by_token(statement, subject)
    assert not by_token(statement, subject, audience="https://github.com/acme")
    assert not by_token(statement, subject, issuer="evil.example")
    own = GithubTrust("acme/shop", ("main",), host="github.acme.example").statement(PLACE)
    assert by_token(own, subject, issuer="github.acme.example/_services/token")


@pytest.mark.parametrize(
    ("trust", "problem"),
    [
        (GithubTrust("*", ("main",)), "would let other people's repositories assume the role"),
        (GithubTrust("acme/*", ("main",)), "would let other people's repositories assume the role"),
        (GithubTrust("shop", ("main",)), "'shop' is not a repository of GitHub: expected OWNER/NAME"),
        (GithubTrust("acme/shop"), "nothing says which jobs"),
        (
            GithubTrust("acme/shop", ("refs/heads/main",)),
            "--branch 'refs/heads/main': expected a name such as",
        ),
        (GithubTrust("acme/shop", tags=("v1:x",)), "--tag 'v1:x'"),
        (GithubTrust("acme/shop", environments=("*",)), "--environment '*': expected the name of one"),
        (EksTrust("*", "agent", "ci"), "--namespace '*': expected one name in Kubernetes"),
        (EksTrust("jenkins", "", "ci"), "--service-account ''"),
        (EksTrust("jenkins", "agent"), "give either --cluster NAME"),
        (EksTrust("jenkins", "agent", "ci", OIDC), "give either --cluster NAME"),
        (EksTrust("jenkins", "agent", oidc="https://evil.example"), "--oidc 'https://evil.example'"),
        (EksTrust("jenkins", "agent", "*"), "--cluster '*'"),
    ],
)
def test_trust_that_is_not_given(trust: Any, problem: str) -> None:
    with pytest.raises(TrustError) as caught:
        trust.statement(PLACE)
    assert any(problem in one for one in caught.value.problems)


def test_builds_of_one_codebuild_project() -> None:
    statement, service = codebuild_trust("shop", PLACE), Caller.of("codebuild.amazonaws.com")
    project = "arn:aws:codebuild:eu-west-1:123456789012:project/"
    assert trusts(statement, service, **{"aws:SourceArn": f"{project}shop"})
    assert not trusts(statement, service, **{"aws:SourceArn": f"{project}other"})
    assert not trusts(statement, service)
    with pytest.raises(TrustError, match="the name of one CodeBuild project"):
        codebuild_trust("*", PLACE)


def test_instances_of_ec2() -> None:
    assert trusts(ec2_trust(PLACE), Caller.of("ec2.amazonaws.com"))
    assert ec2_trust(Place("cn-north-1")).principal == {"Service": "ec2.amazonaws.com.cn"}


def test_pods_of_one_service_account() -> None:
    pod = Caller.of("pods.eks.amazonaws.com")
    statement = EksTrust("jenkins", "agent", "ci").statement(PLACE)
    keys = {
        "aws:RequestTag/kubernetes-namespace": "jenkins",
        "aws:RequestTag/kubernetes-service-account": "agent",
        "aws:SourceArn": "arn:aws:eks:eu-west-1:123456789012:cluster/ci",
    }
    assert statement.actions == ("sts:AssumeRole", "sts:TagSession")
    assert trusts(statement, pod, **keys)
    for key in keys:
        assert not trusts(statement, pod, **{**keys, key: "other"})
    by_oidc = EksTrust("jenkins", "agent", oidc=f"https://{OIDC}").statement(PLACE)
    assert by_token(by_oidc, "system:serviceaccount:jenkins:agent", issuer=OIDC)
    assert not by_token(by_oidc, "system:serviceaccount:default:agent", issuer=OIDC)
