"""What a run needs, looked at: a real checkout, engine and sandbox."""

from __future__ import annotations

import json
import re

import pytest

from ecr_push.sandbox.model import Mutability
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")


def test_what_is_missing_is_said_with_what_to_do(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    missing = cli.command("doctor", project.root, "-r", REPOSITORY)
    assert missing.code == 4, missing.stderr
    assert f"ERROR    repository   there is no repository {REPOSITORY}" in missing.stdout
    [builder] = [line for line in missing.stdout.splitlines() if line.startswith("ok       builder ")]
    assert re.search(r"builds for linux/\w+; there is Docker Engine \d+\.\S+, buildx \d+\.", builder)
    assert "1 error, 0 warnings" in missing.stdout

    registry.create()
    rule = {
        "rulePriority": 1,
        "selection": {"tagStatus": "tagged", "tagPatternList": ["sha-*"], "countType": "sinceImagePushed"},
        "action": {"type": "expire"},
    }
    rule["selection"] |= {"countUnit": "days", "countNumber": 30}  # type: ignore[operator]
    text = json.dumps({"rules": [rule]})
    registry.api().put_lifecycle_policy(repositoryName=REPOSITORY, lifecyclePolicyText=text)
    everyone = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [everyone]})
    registry.api().set_repository_policy(repositoryName=REPOSITORY, policyText=text)
    found = cli.command("doctor", project.root, "-r", REPOSITORY, "--output", "json")
    assert found.code == 0, found.stderr
    symptoms = json.loads(found.stdout)["symptoms"]
    assert {one["area"] for one in symptoms if one["level"] == "ok"} >= {
        "AWS",
        "login",
        "builder",
        "engine",
        "network",
        "quotas",
    }
    [trap] = [one for one in symptoms if one["area"] == "lifecycle"]
    assert (trap["level"], "takes releases, too" in trap["what"]) == ("warning", True)
    registry.create("team/copy", mutability=Mutability("IMMUTABLE"))
    to = ("--to", "team/copy", "--to", "team/lost", "--to", "repository=team/spare,required=false")
    others = cli.command("doctor", project.root, "-r", REPOSITORY, *to)
    assert others.code == 4, others.stdout
    lines = [line.split(maxsplit=3) for line in others.stdout.splitlines() if " to team/" in line]
    assert [(one[0], one[2]) for one in lines] == [
        *(("ok", "team/copy"), ("warning", "team/copy"), ("ERROR", "team/lost"), ("warning", "team/spare")),
    ]
    assert "never moves 1.4, 1, latest" in lines[1][3]
    assert "not required: " in lines[3][3]
    created = cli.command("doctor", project.root, "-r", REPOSITORY, *to, "--create-repository")
    assert created.code == 0 and created.stdout.count("does not exist yet; a run creates it") == 2
    [opened] = [one for one in symptoms if one["area"] == "access"]
    assert (opened["level"], "opens the repository to every AWS account" in opened["what"]) == (
        "warning",
        True,
    )
    assert not registry.asked("PutImage")


def test_a_lost_context_and_a_quota_that_is_nearly_used_up(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    count = {"tagStatus": "tagged", "countType": "imageCountMoreThan", "countNumber": 1}
    rules = [
        {
            "rulePriority": number,
            "selection": {**count, "tagPatternList": [f"{number}-*"]},
            "action": {"type": "expire"},
        }
        for number in range(1, 47)
    ]
    text = json.dumps({"rules": rules})
    registry.api().put_lifecycle_policy(repositoryName=REPOSITORY, lifecyclePolicyText=text)
    found = cli.command("doctor", project.root, "-r", REPOSITORY, DOCKER_CONTEXT="gone")
    assert found.code == 3, found.stderr
    assert "ERROR    builder      docker context 'gone' not found" in found.stdout
    assert "warning  quotas       rules per lifecycle policy: 46 of 50" in found.stdout
    assert "registered repositories 1 of 100,000" in found.stdout
    assert "ok       network " in found.stdout
