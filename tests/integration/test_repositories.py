"""Repositories kept as a file says, in a sandbox, read back with the AWS CLI."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import CommandLine
from tests.support.registry import Registry

FILE = """\
defaults:
  scan-on-push: true
  lifecycle:
    - keep last 20 of *.*.*
    - expire candidate-* after 3 days
repositories:
  team/shop:
    mutability: immutable
    except: [latest, '1.*']
    tags:
      team: shop
  team/*:
    policy: pull.json
"""
PULL = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": ["ecr:BatchGetImage"]},
}

GAPS = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 7,
                "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1},
                "action": {"type": "expire"},
            }
        ]
    }
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "pull.json").write_text(json.dumps(PULL))
    found = tmp_path / "ecr-repositories.yml"
    found.write_text(FILE)
    return found


def asked(registry: Registry, *words: str) -> Any:
    return json.loads(registry.client.ask("aws", "ecr", *words, "--output", "json"))


def test_a_file_is_planned_and_applied_and_then_there_is_nothing_to_do(
    cli: CommandLine, registry: Registry, file: Path
) -> None:
    registry.create("team/old", scan_on_push=False)
    registry.create("other/app")
    plan = cli.command("repository", "plan", file)
    assert plan.code == 13, plan.stderr
    assert "+ team/shop" in plan.stdout and "~ team/old" in plan.stdout and "other/app" not in plan.stdout
    assert "    scan-on-push: false -> true\n" in plan.stdout
    assert "      + keep last 20 of *.*.*\n" in plan.stdout
    assert plan.stdout.endswith("1 to create, 1 to change, 0 as they are to be\n")
    assert not registry.exists("team/shop")

    applied = cli.command("repository", "apply", file)
    assert applied.code == 0, applied.stderr
    assert "team/shop: created" in applied.stderr
    assert applied.stdout == "1 created, 1 changed, 0 as they were\n"
    [shop, old] = asked(registry, "describe-repositories", "--repository-names", "team/shop", "team/old")[
        "repositories"
    ]
    assert shop["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert [one["filter"] for one in shop["imageTagMutabilityExclusionFilters"]] == ["latest", "1.*"]
    assert old["imageScanningConfiguration"] == {"scanOnPush": True}
    tags = asked(registry, "list-tags-for-resource", "--resource-arn", shop["repositoryArn"])["tags"]
    assert tags == [{"Key": "team", "Value": "shop"}]
    for name in ("team/shop", "team/old"):
        text = asked(registry, "get-lifecycle-policy", "--repository-name", name)["lifecyclePolicyText"]
        assert [one["rulePriority"] for one in json.loads(text)["rules"]] == [1, 2]
        text = asked(registry, "get-repository-policy", "--repository-name", name)["policyText"]
        assert json.loads(text) == PULL

    again = cli.command("repository", "plan", file)
    assert (again.code, again.stdout) == (0, "0 to create, 0 to change, 2 as they are to be\n")
    writes = registry.asked("PutLifecyclePolicy")
    assert cli.command("repository", "apply", file).code == 0
    assert registry.asked("PutLifecyclePolicy") == writes


def test_what_is_there_is_shown_as_a_file_and_for_other_tools(
    cli: CommandLine, registry: Registry, file: Path, tmp_path: Path
) -> None:
    import hcl2
    from cfnlint.api import lint_file

    registry.create("team/old")
    assert cli.command("repository", "apply", file).code == 0
    asked(registry, "put-lifecycle-policy", "--repository-name", "team/old", "--lifecycle-policy-text", GAPS)
    shown = cli.command("repository", "show")
    assert shown.code == 0, shown.stderr
    assert shown.stdout.startswith("team/old\n    mutability: mutable\n    scan-on-push: true\n")
    assert "    except: latest, 1.*\n" in shown.stdout and "      - keep last 20 of *.*.*\n" in shown.stdout

    described = tmp_path / "described.yml"
    described.write_text(cli.command("repository", "show", "--output", "yaml").stdout)
    plan = cli.command("repository", "plan", described)
    assert (plan.code, plan.stdout) == (0, "0 to create, 0 to change, 2 as they are to be\n"), plan.stderr

    document = json.loads(cli.command("repository", "show", "team/s*", "--output", "json").stdout)
    [shop] = document["repositories"]
    assert (shop["name"], shop["policy"], shop["tags"]) == ("team/shop", PULL, {"team": "shop"})
    wrong = cli.command("repository", "show", "team/shopp", "other/*", "team/old")
    assert wrong.code == 2
    assert "- there is no repository team/shopp; did you mean 'team/shop'?" in wrong.stderr
    assert "- there is no repository other/*" in wrong.stderr

    terraform = cli.command("repository", "export", "--output", "terraform", "team/shop")
    found = hcl2.loads(terraform.stdout)
    assert len(found["resource"]) == len(found["import"]) == 3
    template = tmp_path / "ecr.yaml"
    file.write_text(f"{FILE}  team/new: {{}}\n")
    exported = cli.command("repository", "export", "--output", "cloudformation", "--file", file)
    template.write_text(exported.stdout)
    assert [str(match) for match in lint_file(template)] == []
    assert template.read_text().startswith("# These repositories exist: team/old, team/shop\n")


def test_one_that_fails_does_not_hold_up_the_others(cli: CommandLine, registry: Registry, file: Path) -> None:
    file.write_text(FILE.replace("team/*:", "team/*: {}\n  team/zoo:"))
    registry.play("faults: [{operation: PutLifecyclePolicy, error: ValidationException, times: 1}]")
    failed = cli.command("repository", "apply", file)
    assert failed.code == 4, failed.stdout
    assert "1 of 2 repositories failed" in failed.stderr
    assert re.search(
        r"- team/(shop|zoo) was created, and did not get its lifecycle: .*\n.*done: team/(?!\1)",
        failed.stderr,
    )
    assert cli.command("repository", "apply", file).code == 0
    assert cli.command("repository", "plan", file).code == 0


@pytest.mark.parametrize(
    "text", ["repositories: {team/a: {mutability: immutable}}", "public: {app: {description: An app.}}"]
)
def test_a_creation_whose_answer_is_lost_is_there(
    cli: CommandLine, registry: Registry, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "repositories.yml"
    file.write_text(text)
    registry.play("faults: [{operation: CreateRepository, drop: during, times: 1}]")
    applied = cli.command("repository", "apply", file)
    assert applied.code == 0, applied.stderr
    assert registry.asked("CreateRepository") == 2
    assert cli.command("repository", "plan", file).code == 0


def test_what_ecr_never_changes_is_said_before_anything_is_changed(
    cli: CommandLine, registry: Registry, file: Path
) -> None:
    registry.create("team/shop")
    file.write_text(FILE.replace("  team/shop:\n", "  team/shop:\n    encryption: KMS\n"))
    plan = cli.command("repository", "plan", file)
    assert (plan.code, "! team/shop" in plan.stdout) == (13, True)
    assert "    encryption: AES256 -> KMS: ECR never changes it\n" in plan.stdout
    applied = cli.command("repository", "apply", file)
    assert (applied.code, "nothing was changed" in applied.stderr) == (4, True)
    assert registry.asked("PutLifecyclePolicy") == 0


def test_who_may_pull_and_push_is_the_policy_that_ecr_has(
    cli: CommandLine, registry: Registry, tmp_path: Path
) -> None:
    file = tmp_path / "ecr-repositories.yml"
    file.write_text(
        "defaults: {pull: [org:o-a1b2c3d4e5]}\n"
        "repositories:\n"
        "  team/shop: {pull: [111122223333, lambda, codebuild:444455556666/build], push: 'ROLE'}\n"
        "  team/web:\n".replace("ROLE", "arn:aws:iam::111122223333:role/ci")
    )
    plan = cli.command("repository", "plan", file)
    pullers = "111122223333, lambda:000000000000, codebuild:444455556666/build"
    assert f"+ team/shop\n    pull: {pullers}\n    push: arn:aws:iam::111122223333:role/ci\n" in plan.stdout
    # A role that does not exist: ECR does not say so.
    registry.play("faults: [{operation: SetRepositoryPolicy, error: InvalidParameterException, times: 1}]")
    refused = cli.command("repository", "apply", file)
    assert (refused.code, "done: team/" in refused.stderr) == (4, True)
    assert "check that each role, user and account in the policy exists" in refused.stderr
    assert cli.command("repository", "apply", file).code == 0
    assert cli.command("repository", "plan", file).code == 0

    def statements(name: str) -> dict[str, Any]:
        text = asked(registry, "get-repository-policy", "--repository-name", name)["policyText"]
        return {one["Sid"]: one for one in json.loads(text)["Statement"]}

    shop = statements("team/shop")
    assert list(shop) == ["Pull", "PullLambda", "PullCodeBuild", "Push"]
    assert shop["Push"]["Principal"] == {"AWS": "arn:aws:iam::111122223333:role/ci"}
    account = asked(registry, "describe-registry")["registryId"]
    assert shop["PullLambda"]["Condition"] == {
        "StringLike": {"aws:SourceArn": f"arn:aws:lambda:*:{account}:function:*"}
    }
    assert statements("team/web")["PullOrganization"]["Principal"] == "*"

    # Another client changes it: in other words, and then in meaning.
    document = {
        "Version": "2012-10-17",
        "Statement": [{**shop["Pull"], "Sid": "x", "Principal": {"AWS": "111122223333"}}],
    }
    text = json.dumps({**document, "Statement": [*document["Statement"], *list(shop.values())[1:]][::-1]})
    asked(registry, "set-repository-policy", "--repository-name", "team/shop", "--policy-text", text)
    assert cli.command("repository", "plan", file).code == 0
    registry.api().set_repository_policy(repositoryName="team/shop", policyText=json.dumps(document))
    plan = cli.command("repository", "plan", file)
    assert (plan.code, "      + pull: codebuild:444455556666/build\n" in plan.stdout) == (13, True)

    everyone = json.dumps({"Statement": [{**shop["Pull"], "Principal": "*"}]})
    registry.api().set_repository_policy(repositoryName="team/shop", policyText=everyone)
    file.write_text("repositories:\n  team/shop: {mutability: mutable}\n")
    left = cli.command("repository", "plan", file)
    assert "team/shop is open to every AWS account, and the file does not say who may pull" in left.stderr

    file.write_text("repositories:\n  team/shop: {pull: everyone}\n  team/web: {pull: 1111}\n")
    wrong = cli.command("repository", "apply", file)
    assert wrong.code == 2
    assert "line 2: pull: 'everyone' opens the repository to every AWS account" in wrong.stderr
    assert "line 3: pull: '1111' is not a principal" in wrong.stderr


def test_public_repositories_with_what_the_gallery_shows(
    cli: CommandLine, registry: Registry, tmp_path: Path
) -> None:
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "about.md").write_text("# About\n")
    file = tmp_path / "ecr-repositories.yml"
    file.write_text(
        "public:\n  app:\n    description: Renders invoices.\n    about: about.md\n    logo: logo.png\n"
        "    architectures: [arm64]\n    operating-systems: [linux]\n"
    )
    plan = cli.command("repository", "plan", file)
    assert plan.code == 13 and "+ public app\n    description: (none) -> Renders invoices.\n" in plan.stdout
    done = cli.command("repository", "apply", file)
    assert done.code == 0, done.stderr

    def shown() -> Any:
        words = ("get-repository-catalog-data", "--repository-name", "app", "--output", "json")
        region = ("--region", "us-east-1")
        return json.loads(registry.client.ask("aws", "ecr-public", *words, *region))["catalogData"]

    found = shown()
    assert found.pop("logoUrl")
    assert found == {
        "description": "Renders invoices.",
        "aboutText": "# About\n",
        "usageText": "",
        "architectures": ["ARM 64"],
        "operatingSystems": ["Linux"],
    }
    assert cli.command("repository", "plan", file).code == 0
    file.write_text("public: {app: {usage: about.md}}\n")
    assert cli.command("repository", "apply", file).code == 0
    assert (shown()["usageText"], shown()["description"]) == ("# About\n", "Renders invoices.")
