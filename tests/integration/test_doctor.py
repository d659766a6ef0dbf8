"""What a run needs, looked at: a real checkout, engine and sandbox."""

from __future__ import annotations

import json

import pytest

from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")


def test_what_is_missing_is_said_with_what_to_do(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    missing = cli.command("doctor", project.root, "-r", REPOSITORY)
    assert missing.code == 4, missing.stderr
    assert f"ERROR    repository  there is no repository {REPOSITORY}" in missing.stdout
    assert "ok       builder     builds for linux/" in missing.stdout
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
    found = cli.command("doctor", project.root, "-r", REPOSITORY, "--output", "json")
    assert found.code == 0, found.stderr
    symptoms = json.loads(found.stdout)["symptoms"]
    assert {one["area"] for one in symptoms if one["level"] == "ok"} >= {"AWS", "login", "builder", "images"}
    [trap] = [one for one in symptoms if one["area"] == "lifecycle"]
    assert (trap["level"], "takes releases, too" in trap["what"]) == ("warning", True)
    assert not registry.asked("PutImage")
