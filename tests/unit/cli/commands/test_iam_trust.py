"""`ecr-push iam trust`."""

from __future__ import annotations

import json

import pytest

from ecr_push.base.iam.kinds import TRUST
from ecr_push.base.iam.read import read_policy_text
from tests.unit.cli.commands.conftest import Console

ACCOUNT = ("--account", "123456789012", "--region", "eu-west-1")
EKS = ("--namespace", "jenkins", "--service-account", "agent", "--cluster", "ci")


@pytest.mark.parametrize(
    ("argv", "principal"),
    [
        (("github", "acme/shop", "--branch", "main", "--tag", "v*"), "oidc-provider/token.actions.github"),
        (("codebuild", "shop"), "codebuild.amazonaws.com"),
        (("jenkins-ec2",), "ec2.amazonaws.com"),
        (("jenkins-eks", *EKS), "pods.eks.amazonaws.com"),
    ],
)
def test_a_trust_policy(console: Console, argv: tuple[str, ...], principal: str) -> None:
    assert console.run("iam", "trust", *argv, *ACCOUNT) == 0, console.err
    assert read_policy_text(console.out, TRUST, "it").statements
    assert principal in json.dumps(json.loads(console.out)["Statement"][0]["Principal"])
    assert not console.err
    assert console.run("iam", "trust", *argv, "--output", "terraform") == 0
    assert "assume_role_policy" in console.out


def test_what_is_left_open_is_named(console: Console) -> None:
    assert console.run("iam", "trust", "codebuild", "shop") == 0
    assert "replace REGION and ACCOUNT_ID, or give --account and --region" in console.err


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        (("github",), "github needs the repository, as OWNER/NAME"),
        (("github", "acme/*", "--branch", "main"), "would let other people's repositories assume the role"),
        (("github", "acme/shop"), "nothing says which jobs"),
        (("codebuild",), "codebuild needs the project's name"),
        (("jenkins-ec2", "shop"), "jenkins-ec2 takes no 'shop'"),
        (("codebuild", "shop", "--branch", "main"), "--branch belongs to github, not to codebuild"),
        (("jenkins-ec2", "--account", "12"), "--account '12' is not an AWS account: expected 12 digits"),
        (("jenkins-eks", "--namespace", "*", "--service-account", "a", "--cluster", "c"), "every pod's"),
    ],
)
def test_a_mistake(console: Console, argv: tuple[str, ...], problem: str) -> None:
    assert console.run("iam", "trust", *argv) == 2
    assert problem in console.err
    assert not console.out
