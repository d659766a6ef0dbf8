"""`ecr-push iam policy`: what is printed, and the mistakes that people make."""

from __future__ import annotations

import json
from pathlib import Path

import botocore.session
import pytest

from ecr_push.base.iam.kinds import IDENTITY
from ecr_push.base.iam.read import read_policy_text
from ecr_push.pipeline.permissions.commands import commands
from tests.support.paths import ROOT
from tests.unit.cli.commands.conftest import Console

WHERE = ("-r", "team/app", "--region", "eu-west-1", "--registry-id", "123456789012")


def test_the_policy_alone_is_on_standard_output(console: Console) -> None:
    assert console.run("iam", "policy", *WHERE) == 0
    policy = read_policy_text(console.out, IDENTITY, "it")
    assert [one.sid for one in policy.statements][:2] == ["Login", "Look"]
    assert "where the role is not of account 123456789012" in console.err
    assert "replace" not in console.err


def test_what_is_left_open_is_named(console: Console) -> None:
    assert console.run("iam", "policy", "-r", "team/app", "--command", "promote") == 0
    assert "repository/team/app" in console.out
    assert "replace REGION and ACCOUNT_ID; --region and --registry-id give those" in console.err


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("terraform", 'resource "aws_iam_policy" "ecr_push_repository_apply"'),
        ("cloudformation", "EcrPushRepositoryApply:"),
    ],
)
def test_the_repositories_of_a_file(console: Console, form: str, words: str) -> None:
    file = console.folder / "ecr-repositories.yml"
    file.write_text("repositories: {team/shop: {tags: {a: b}}}\n")
    argv = ("--command", "repository-apply", "--file", str(file), "--output", form)
    assert console.run("iam", "policy", *argv) == 0, console.err
    assert words in console.out
    assert "ecr:TagResource" in console.out


def test_what_a_mirror_s_file_lists(console: Console) -> None:
    (console.folder / "ecr-mirror.yml").write_text(
        "to: [base/copy]\nimages: [{from: 'team/app:1.0'}, {from: 'docker.io/library/alpine:3.20'}]\n"
    )
    (console.folder / "ecr-push.yml").write_text("repository: team/shop\n")  # which no mirror gives anything
    argv = ("--command", "mirror", *WHERE[2:], "--judge", "--scan-type", "basic")
    assert console.run("iam", "policy", *argv) == 0, console.err
    policy = read_policy_text(console.out, IDENTITY, "it")
    sids = ["Login", "Source", "Destination", "ScanSettings", "Look", "Scan"]
    assert [one.sid for one in policy.statements] == sids
    assert "repository/team/shop" not in console.out
    assert console.run("iam", "policy", *argv, "--to", "team/else") == 0, console.err
    assert "base/copy" not in console.out and "repository/team/else" in console.out


def test_functions_of_an_account_that_is_not_known(console: Console) -> None:
    (console.folder / "ecr-repositories.yml").write_text("repositories: {team/shop: {pull: lambda}}\n")
    for command in ("repository apply", "run"):
        own = ("-r", "team/shop", "--create-repository", "--repositories", "ecr-repositories.yml")
        asked = own if command == "run" else ()
        assert console.run("iam", "policy", "--command", command, *asked) == 0, console.err
        assert "ecr:SetRepositoryPolicy" in console.out


def test_an_export_is_of_what_exists_or_of_a_file(console: Console) -> None:
    (console.folder / "e.yml").write_text("repositories: {team/shop: {}}\n")
    export = ("iam", "policy", "--command", "repository export", *WHERE[2:])
    assert console.run(*export) == 0, console.err
    assert "repository/*" in console.out
    assert console.run(*export, "--file", "e.yml") == 0, console.err
    assert "repository/*" not in console.out and "repository/team/shop" in console.out


def test_the_key_by_which_an_image_is_verified(console: Console) -> None:
    argv = ("--command", "verify", *WHERE, "--sign-key", "awskms:///alias/sign")
    assert console.run("iam", "policy", *argv) == 0, console.err
    assert "kms:GetPublicKey" in console.out and "kms:Sign" not in console.out


def test_files_in_s3_are_found_without_aws(console: Console, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text("extends: s3://team/base.yml\nfail-on: high\n")
    assert console.run("iam", "policy", *WHERE, "--policy", str(policy)) == 0, console.err
    assert "arn:aws:s3:::team/base.yml" in console.out


def test_a_role_has_one_who_assumes_it(console: Console) -> None:
    role = "arn:aws:iam::123456789012:role/ci"
    assert console.run("iam", "policy", *WHERE, "--role", role) == 0
    assert "others need policies of their own: --of caller" in console.err
    assert console.run("iam", "policy", *WHERE, "--role", role, "--of", "caller") == 0
    [statement] = json.loads(console.out)["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("sts:AssumeRole", role)


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        ((), "--repository is required: its name, such as team/app"),
        (("-r", "team/app", "--command", "promot"), "is not a command: expected run, build"),
        (("-r", "team/app", "--command", "promot"), "did you mean 'promote'?"),
        (
            ("-r", "team/app", "--command", "sandbox"),
            "`sandbox` makes no call of AWS that needs",
        ),
        (("-r", "team/app", "--of", "ci"), "--of 'ci' has no part in it: expected 'caller'"),
        (("--command", "repository apply", "--file", "none.yml"), "none.yml: cannot be read"),
        (("-r", "Team/App"), "Team/App"),
        (
            ("-r", "team/app", "--for", "promote"),
            "names the service that runs the image: give --command promote",
        ),
        (("-r", "team/app", "--command", "gate"), "`gate` needs no permission with these settings"),
        (("--command", "tags"), "`tags` makes no call of AWS that needs a permission: its role needs no pol"),
        (("--command", "policy"), "stands for several commands: give one of policy test, policy show"),
        (("-r", "team/app", "--judge"), "--judge: `run` has no such option; give it with --command copy"),
        (("-r", "team/app", "--file", "x.yml"), "--file: `run` reads none; repository plan, "),
        (("--command", "mirror", "--file", "x", "--pattern", "a/*"), "--file: has no effect beside --patt"),
        (("--command", "mirror"), "ecr-mirror.yml: cannot be read: No such file or directory"),
        (("-r", "team/app", "--sign-key", "cosign.key"), "--sign-key: is for --sign cosign: give that too"),
        (("--pattern", "Team/*"), "--pattern 'Team/*' is not a pattern of repositories"),
    ],
)
def test_a_mistake(console: Console, argv: tuple[str, ...], problem: str) -> None:
    assert console.run("iam", "policy", *argv) == 2
    assert problem in console.err
    assert not console.out


def test_the_page_names_every_command() -> None:
    page = (ROOT / "docs" / "iam.md").read_text()
    assert [one for one in commands() if f"`{one}`" not in page] == []


@pytest.mark.parametrize("command", commands())
def test_an_action_is_one_that_the_registry_has(console: Console, command: str) -> None:
    """ECR Public lacks many; a command that needs one of those is not for it."""
    (console.folder / "ecr-repositories.yml").write_text("repositories: {team/shop: {}}\n")
    (console.folder / "ecr-mirror.yml").write_text("images: [{from: 'team/app:1.0', repository: base/app}]\n")
    session = botocore.session.get_session()
    for name in ("team/app", "public.ecr.aws/acme/app"):
        asked = ("iam", "policy", "--command", command, "-r", name, "--region", "us-east-1")
        code = console.run(*asked)
        assert code == 0 or "is one of ECR Public" in console.err or "needs no permission" in console.err
        policy = read_policy_text(console.out, IDENTITY, "it") if code == 0 else None
        for action in {one for of in policy.statements for one in of.actions.patterns} if policy else ():
            service, _, operation = action.partition(":")
            if service in ("ecr", "ecr-public"):
                assert operation in session.get_service_model(service).operation_names, action


def test_what_the_command_is_not_given_is_a_mistake(console: Console) -> None:
    (console.folder / "ecr-push.yml").write_text("event-bus: releases\ncache: ecr\n")
    own = (
        "--command",
        "promote",
        *WHERE,
        "--verify",
        "--dockerfile",
        "x",
        "--cluster",
        "c",
        "--sign-key",
        "k",
    )
    assert console.run("iam", "policy", *own) == 2
    for given in ("--verify", "--dockerfile", "--cluster"):
        assert f"- {given}: `promote` has no such option" in console.err
    assert "event-bus" not in console.err and "- --cache" not in console.err, (
        "other commands read the file, too"
    )
