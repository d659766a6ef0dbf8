"""The templates for users of GitHub: the role is what `iam policy` and `iam trust` print."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ecr_push.cli.main import main
from ecr_push.release.mutability import wanted_repository
from ecr_push.upkeep.lifecycle.read import read_lifecycle_policy
from ecr_push.upkeep.lifecycle.sentences import sentence_of
from tests.support.cloudformation import load_template
from tests.support.paths import ROOT

CLOUDFORMATION = ROOT / "examples" / "aws" / "github.yaml"
TERRAFORM = ROOT / "examples" / "aws" / "github.tf"
POLICY = ("iam", "policy", "-r", "team/app")
TRUST = ("iam", "trust", "github", "acme/app", "--branch", "main", "--tag", "v*")
DEPLOY_POLICY = (
    *("iam", "policy", "--command", "deploy-ecs", "-r", "team/app", "--cluster", "prod", "--service", "app"),
)
DEPLOY_TRUST = ("iam", "trust", "github", "acme/app", "--environment", "production")
LIFECYCLE = ["expire candidate-* after 3 days", "expire untagged after 1 day"]


@pytest.fixture
def resources() -> dict[str, Any]:
    """The resources of the template, with the values of its parameters."""
    text = json.dumps(load_template(CLOUDFORMATION)["Resources"])
    for name, value in {
        "Repository": "team/app",
        "GitHubRepository": "acme/app",
        "Branch": "main",
        "Tags": "v*",
        "Service": "app",
        "Cluster": "prod",
        "TaskRoles": "*",
        "Environment": "production",
    }.items():
        text = text.replace(f"${{{name}}}", value).replace(json.dumps({"Ref": name}), json.dumps(value))
    # A text whose only variables were parameters is a plain one.
    text = re.sub(r'\{"Sub": ("[^"$]*")\}', r"\1", text)
    return {name: one["Properties"] for name, one in json.loads(text).items()}


def printed(folder: Path, capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, Any]:
    """The only resource of the template that a command prints."""
    assert main([*argv, "--output", "cloudformation"]) == 0
    path = folder / "printed.yaml"
    path.write_text(capsys.readouterr().out)
    [found] = load_template(path)["Resources"].values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def test_cfn_lint_has_nothing_to_say() -> None:
    from cfnlint.api import lint_file

    assert [str(match) for match in lint_file(CLOUDFORMATION)] == []


@pytest.mark.parametrize(
    ("name", "of_policy", "of_trust"), [("Role", POLICY, TRUST), ("DeployRole", DEPLOY_POLICY, DEPLOY_TRUST)]
)
def test_the_roles_are_what_is_printed(
    name: str,
    of_policy: tuple[str, ...],
    of_trust: tuple[str, ...],
    resources: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    role = resources[name]
    [policy] = role["Policies"]
    assert policy["PolicyDocument"] == printed(tmp_path, capsys, *of_policy)["PolicyDocument"]
    trust = printed(tmp_path, capsys, *of_trust)["AssumeRolePolicyDocument"]
    assert role["AssumeRolePolicyDocument"] == trust


def test_the_repository_is_what_a_run_creates(resources: dict[str, Any]) -> None:
    images, wanted = resources["Images"], wanted_repository("all")
    assert images["ImageTagMutability"] == wanted.mutability
    filters = images["ImageTagMutabilityExclusionFilters"]
    assert [one["ImageTagMutabilityExclusionFilterValue"] for one in filters] == [*wanted.exclusions]
    assert images["ImageScanningConfiguration"] == {"ScanOnPush": True}
    policy = read_lifecycle_policy(images["LifecyclePolicy"]["LifecyclePolicyText"])
    assert [sentence_of(rule) for rule in policy.rules] == LIFECYCLE


def documents_of(text: str) -> list[str]:
    return re.findall(r"^data \"aws_iam_policy_document\" .*?^}$", text, re.M | re.S)


def test_terraform_has_the_documents_that_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for argv in (TRUST, POLICY, DEPLOY_TRUST, DEPLOY_POLICY):
        assert main([*argv, "--output", "terraform"]) == 0
        found = documents_of(capsys.readouterr().out)
        is_second = argv is DEPLOY_TRUST
        shown += [one.replace('_github"', '_github_deploy"') if is_second else one for one in found]
    wanted = "\n".join(shown)
    for old, new in {
        "acme/app:environment:production": "${var.github_repository}:environment:${var.environment}",
        "service/prod/app": "service/${var.cluster}/${var.service}",
        "task/prod/": "task/${var.cluster}/",
        "cluster/prod": "cluster/${var.cluster}",
        ":role/*": ":role/${var.task_roles}",
        "repo:acme/app:ref:refs/heads/main": "repo:${var.github_repository}:ref:refs/heads/${var.branch}",
        "repo:acme/app:ref:refs/tags/v*": "repo:${var.github_repository}:ref:refs/tags/${var.tags}",
    }.items():
        wanted = wanted.replace(old, new)
    wanted = re.sub(r'\["arn:[^"]*:repository/team/app"\]', "[aws_ecr_repository.images.arn]", wanted)
    assert "\n".join(documents_of(TERRAFORM.read_text(encoding="utf-8"))) == wanted


def test_terraform_and_cloudformation_create_the_same(resources: dict[str, Any]) -> None:
    import hcl2

    with TERRAFORM.open(encoding="utf-8") as file:
        found = json.dumps(hcl2.load(file))
    kinds = {"aws_iam_openid_connect_provider", "aws_ecr_repository", "aws_ecr_lifecycle_policy"}
    assert set(re.findall(r'"\\?"?(aws_\w+)\\?"?"', found)) >= kinds | {"aws_iam_role", "aws_iam_role_policy"}
    for text in ("sha-*", "claim-*", "candidate-*", "untagged", "MUTABLE_WITH_EXCLUSION"):
        assert text in found
    assert resources["Provider"]["ClientIdList"] == ["sts.amazonaws.com"]
