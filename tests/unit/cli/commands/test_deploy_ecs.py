"""`ecr-push deploy ecs`: the mistakes that people make, what is printed, and an image without a verdict."""

from __future__ import annotations

import json

import pytest

from ecr_push.cli import reach
from tests.support.aws import StubAws
from tests.support.fakes import REPOSITORY
from tests.support.judged_images import IMAGES
from tests.unit.cli.commands.conftest import Console

IMAGE = f"{REPOSITORY.uri}@{IMAGES['clean'].digest}"
ARN = "arn:aws:ecs:eu-west-1:123456789012"
TO = ("--service", "shop", "--deploy-timeout", "0")


@pytest.fixture
def ecs(console: Console, monkeypatch: pytest.MonkeyPatch) -> StubAws:
    rollout = {"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": f"{ARN}:task-definition/shop:1"}
    service = {"serviceArn": f"{ARN}:service/default/shop", "status": "ACTIVE", "deployments": [rollout]}
    service["taskDefinition"] = f"{ARN}:task-definition/shop:1"
    definition = {"family": "shop", "taskDefinitionArn": f"{ARN}:task-definition/shop:1"}
    containers = [{"name": "web", "image": f"{REPOSITORY.uri}:1.0"}]
    fresh = {"taskDefinition": {"taskDefinitionArn": f"{ARN}:task-definition/shop:2"}}
    aws = StubAws(
        {
            "DescribeServices": {"services": [service]},
            "DescribeTaskDefinition": {"taskDefinition": {**definition, "containerDefinitions": containers}},
            "RegisterTaskDefinition": fresh,
            "UpdateService": {
                "service": {
                    **service,
                    "deployments": [
                        {**rollout, "taskDefinition": fresh["taskDefinition"]["taskDefinitionArn"]}
                    ],
                }
            },
        }
    )
    monkeypatch.setattr(reach, "Aws", lambda access: aws)
    return aws


def test_the_image_alone_is_on_standard_output(console: Console, ecs: StubAws) -> None:
    assert console.run("deploy", "ecs", "team/app:clean", *TO) == 0, console.err
    assert console.out == f"{IMAGE}\n"
    assert f"service shop in cluster default: {REPOSITORY.uri}:1.0 -> {IMAGE}" in console.err
    assert "its end was not waited for" in console.err
    assert console.run("deploy", "ecs", IMAGE, *TO, "--dry-run", "--output", "json") == 0, console.err
    found = json.loads(console.out)
    assert (found["status"], found["deployment"]["result"]) == ("planned", "planned")
    assert ecs.operations.count("RegisterTaskDefinition") == 1


def test_an_image_that_lacks_a_verdict_changes_nothing(console: Console, ecs: StubAws) -> None:
    verify = ("--verify", "--require", "verdict", "--allow-unsigned")
    assert console.run("deploy", "ecs", "team/app:clean", *TO, *verify) == 12
    assert console.out == "" and ecs.operations == []
    assert "NOT-VERIFIED" in console.err and "no statement of a verdict in the registry" in console.err
    assert console.run("promote", "team/app:clean", "next", "--attest-verdict") == 0
    assert console.run("deploy", "ecs", "team/app:clean", *TO, *verify) == 0, console.err
    assert "verdict    accepted" in console.err and console.out.splitlines()[-1] == IMAGE


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        (("team/app:clean",), "--service: is required; or --task-definition"),
        (("team/app",), "IMAGE: 'team/app' is not a valid image name"),
        (
            ("team/app:clean", "--task-definition", "shop", "--cluster", "prod"),
            "--cluster: has no effect without",
        ),
        (("team/app:clean", "--task-definition", "shop", "--redeploy"), "--redeploy: needs --service"),
        (
            ("team/app:clean", *TO, "--redeploy", "--task-definition", "shop"),
            "--task-definition: contradicts --redeploy",
        ),
        (("team/app:clean", *TO, "--sign-key", "cosign.pub"), "--sign-key: has no effect without --verify"),
        (("team/app:clean", *TO, "--require", "verdict"), "--require: has no effect without --verify"),
        (("team/app:clean", *TO, "--verify"), "--require: whose signature the image must have is not known"),
        (("team/app:clean", "--service", "a b"), "--service: 'a b' is not a valid name"),
        (
            ("team/app:clean", *TO, "--task-definition", "none.json"),
            "none.json: cannot be read: No such file",
        ),
        (("team/app:clean", *TO, "--deploy-timeout", "soon"), "'soon' is not a valid duration"),
    ],
)
def test_a_mistake(console: Console, ecs: StubAws, argv: tuple[str, ...], problem: str) -> None:
    assert console.run("deploy", "ecs", *argv) == 2
    assert problem in console.err and not console.out
    assert not {"RegisterTaskDefinition", "UpdateService"} & set(ecs.operations)
