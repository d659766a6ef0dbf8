"""`ecr-push deploy`: images in the sandbox, services by moto; the AWS CLI reads what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import CommandLine, Ended
from tests.support.registry import REPOSITORY, Registry
from tests.support.running_services import Services, running_services
from tests.support.shelf import Shelf

ROLE = "arn:aws:iam::123456789012:role/task"


@pytest.fixture(scope="module")
def server() -> Iterator[Services]:
    with running_services() as services:
        yield services


@pytest.fixture
def services(server: Services, cli: CommandLine) -> Services:
    server.api("ecs").create_cluster(clusterName="default")
    server.ends = "COMPLETED"
    server.rollouts.clear()
    cli.environ |= server.environ
    return server


@pytest.fixture
def shelf(registry: Registry, tmp_path: Path) -> Shelf:
    registry.create()
    (tmp_path / "layers").mkdir()
    return Shelf(registry, tmp_path / "layers")


def deploy(cli: CommandLine, *asked: str | Path, code: int = 0) -> tuple[Ended, dict[str, Any]]:
    ended = cli.command("deploy", *asked, "--output", "json")
    assert ended.code == code, ended.stderr
    found = json.loads(ended.stdout)["deployment"] if ended.stdout else {}
    return ended, found or {}


# ------------------------------------------------------------------------- ECS


def task_definition(image: str, **more: Any) -> dict[str, Any]:
    """As people have them: a sidecar comes first, and it is not the one that is meant."""
    sidecar = {"name": "log-router", "image": "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable"}
    web = {"name": "web", "image": image, "essential": True, "portMappings": [{"containerPort": 8080}]}
    web["environment"] = [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]
    return {
        "family": "shop",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": ROLE,
        "containerDefinitions": [{**sidecar, "memory": 64}, {**web, "memory": 256}],
        "tags": [{"key": "team", "value": "shop"}],
        **more,
    }


def described(services: Services, name: str) -> dict[str, Any]:
    found = services.ask("ecs", "describe-task-definition", "--task-definition", name, "--include", "TAGS")
    own = ("revision", "taskDefinitionArn", "registeredAt")
    return {k: v for k, v in {**found["taskDefinition"], "tags": found["tags"]}.items() if k not in own}


def runs(services: Services) -> str:
    """FAMILY:REVISION that the service is to run."""
    [found] = services.api("ecs").describe_services(services=["shop"])["services"]
    return str(found["taskDefinition"]).rpartition("/")[2]


def test_a_service_of_ecs_gets_an_image_and_nothing_twice(
    cli: CommandLine, registry: Registry, shelf: Shelf, services: Services, tmp_path: Path
) -> None:
    uri = f"{registry.sandbox.host}/{REPOSITORY}"
    first, second, third = (shelf.put(tag) for tag in ("1.0", "1.1", "1.2"))
    ecs = services.api("ecs")
    ecs.register_task_definition(**task_definition(f"{uri}@{first}"))
    ecs.create_service(serviceName="shop", taskDefinition="shop", desiredCount=2)
    to = ("--service", "shop")

    planned, found = deploy(cli, "ecs", f"{REPOSITORY}:1.1", *to, "--dry-run")
    assert found["result"] == "planned" and [one["made"] for one in found["steps"]] == [None, None]
    assert "register a revision of task definition shop" in planned.stderr
    assert runs(services) == "shop:1"

    # A tag stands for the digest that it names now.
    ended, found = deploy(cli, "ecs", f"{REPOSITORY}:1.1", *to)
    assert (found["result"], found["before"]) == ("deployed", [f"{uri}@{first}"])
    assert found["steps"][0]["made"].endswith("task-definition/shop:2")
    assert "0 of 2 tasks run, 2 start" in ended.stderr
    now, before = described(services, "shop:2"), described(services, "shop:1")
    assert now["containerDefinitions"][1]["image"] == f"{uri}@{second}"
    now["containerDefinitions"][1]["image"] = f"{uri}@{first}"
    assert now == before and now["tags"]
    assert runs(services) == "shop:2"

    again, found = deploy(cli, "ecs", f"{REPOSITORY}@{second}", *to)
    assert (found["result"], found["steps"]) == ("already", []) and len(services.rollouts) == 1
    assert "DEPLOYED" in again.stderr

    # The circuit breaker puts the old tasks back: the service is stable, and the deployment has failed.
    services.ends = "FAILED"
    failed, _ = deploy(cli, "ecs", f"{REPOSITORY}:1.2", *to, code=4)
    assert "the rollout of service shop in cluster default failed" in failed.stderr
    assert "deployment circuit breaker" in failed.stderr and "event: (service shop)" in failed.stderr
    assert "the service is to run shop:2 now" in failed.stderr
    # What was registered is not registered again.
    services.ends = "COMPLETED"
    _, found = deploy(cli, "ecs", f"{REPOSITORY}@{third}", *to)
    assert [one["what"] for one in found["steps"]] == ["update service shop in cluster default"]
    assert runs(services) == "shop:3"
    assert len(ecs.list_task_definitions(familyPrefix="shop")["taskDefinitionArns"]) == 3


def test_a_service_whose_definition_names_a_tag_is_started_again_once_the_tag_names_the_image(
    cli: CommandLine, registry: Registry, shelf: Shelf, services: Services
) -> None:
    uri, first = f"{registry.sandbox.host}/{REPOSITORY}", shelf.put("1.0")
    shelf.put("1.1")
    registry.client.ask("crane", "tag", f"{uri}:1.0", "main")
    ecs = services.api("ecs")
    named = {**task_definition(f"{uri}:main"), "family": "moving"}
    revision = ecs.register_task_definition(**named)["taskDefinition"]["taskDefinitionArn"]
    ecs.create_service(serviceName="moving", taskDefinition=revision, desiredCount=1)
    again = ("--service", "moving", "--redeploy")

    other, _ = deploy(cli, "ecs", f"{REPOSITORY}:1.1", *again, code=4)
    assert f"{REPOSITORY}:main is {first}" in other.stderr and "nothing was changed" in other.stderr
    assert services.rollouts == []

    registry.client.ask("crane", "tag", f"{uri}:1.1", "main")
    _, found = deploy(cli, "ecs", f"{REPOSITORY}:1.1", *again)
    assert [one["what"] for one in found["steps"]] == [
        "start the tasks of service moving in cluster default again"
    ]
    assert len(services.rollouts) == 1
    assert ecs.list_task_definitions(familyPrefix="moving")["taskDefinitionArns"] == [revision]
    services.ends = "FAILED"
    failed, _ = deploy(cli, "ecs", f"{REPOSITORY}:1.1", *again, code=4)
    assert "the rollout of service moving in cluster default failed" in failed.stderr


# ------------------------------------------------------------------------- the other services


def test_a_function_a_job_definition_and_an_endpoint_get_it_too(
    cli: CommandLine, registry: Registry, shelf: Shelf, services: Services
) -> None:
    uri = f"{registry.sandbox.host}/{REPOSITORY}"
    old, new = (f"{uri}@{shelf.put(tag)}" for tag in ("1.0", "1.1"))
    image = f"{REPOSITORY}:1.1"

    services.api("iam").create_role(RoleName="task", AssumeRolePolicyDocument="{}")
    functions = services.api("lambda")
    functions.create_function(
        FunctionName="shop", PackageType="Image", Role=ROLE, Code={"ImageUri": old}, Publish=True
    )
    functions.create_alias(FunctionName="shop", Name="live", FunctionVersion="1")
    _, found = deploy(cli, "lambda", image, "--function", "shop", "--alias", "live")
    assert (found["result"], found["before"], found["steps"][1]["made"]) == ("deployed", [old], "2")
    read = services.ask("lambda", "get-function", "--function-name", "shop:live")
    assert (read["Configuration"]["Version"], read["Code"]["ImageUri"]) == ("2", new)

    container = {"image": old, "command": ["run"], "resourceRequirements": [{"type": "VCPU", "value": "1"}]}
    container["resourceRequirements"] += [{"type": "MEMORY", "value": "512"}]
    jobs = services.api("batch")
    jobs.register_job_definition(
        jobDefinitionName="nightly", type="container", containerProperties=container, tags={"team": "shop"}
    )
    assert deploy(cli, "batch", image, "--job-definition", "nightly")[1]["result"] == "deployed"
    assert deploy(cli, "batch", image, "--job-definition", "nightly")[1]["result"] == "already"
    read = services.ask("batch", "describe-job-definitions", "--job-definition-name", "nightly")
    assert {one["revision"]: one["containerProperties"]["image"] for one in read["jobDefinitions"]} == {
        1: old,
        2: new,
    }
    assert [one["tags"] for one in read["jobDefinitions"]] == [{"team": "shop"}] * 2

    models = services.api("sagemaker")
    models.create_model(ModelName="shop", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": old})
    variant = {"VariantName": "all", "ModelName": "shop", "InstanceType": "ml.m5.large"}
    models.create_endpoint_config(
        EndpointConfigName="shop", ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
    )
    models.create_endpoint(EndpointName="shop", EndpointConfigName="shop")
    _, found = deploy(cli, "sagemaker", image, "--endpoint", "shop")
    name = f"shop-{new.partition(':')[2].partition(':')[2][:12]}"
    assert [one["made"] for one in found["steps"]][:2] == [name, name]
    assert deploy(cli, "sagemaker", image, "--endpoint", "shop")[1]["result"] == "already"
    read = services.ask("sagemaker", "describe-model", "--model-name", name)
    assert read["PrimaryContainer"]["Image"] == new
    assert models.describe_endpoint(EndpointName="shop")["EndpointConfigName"] == name
