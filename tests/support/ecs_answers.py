"""What ECS answers, for tests of deployments: a task definition, a service and its rollouts."""

from __future__ import annotations

from typing import Any

from tests.support.aws import StubAws
from tests.support.deploying import OLD

FAMILY = "arn:aws:ecs:eu-west-1:111122223333:task-definition/shop"
SERVICE_ARN = "arn:aws:ecs:eu-west-1:111122223333:service/default/shop"


def definition(image: str = OLD, revision: int = 1, **more: Any) -> dict[str, Any]:
    """As ECS describes one: with its defaults, and with what registering refuses."""
    web = {"name": "web", "image": image, "essential": True, "environment": [], "cpu": 0}
    web["portMappings"] = [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]
    found = {
        "taskDefinitionArn": f"{FAMILY}:{revision}",
        "family": "shop",
        "revision": revision,
        "status": "ACTIVE",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "compatibilities": ["EC2", "FARGATE"],
        "requiresAttributes": [{"name": "ecs.capability.task-eni"}],
        "registeredAt": 1.0,
        "registeredBy": "arn:aws:iam::111122223333:role/ci",
        "volumes": [],
        "containerDefinitions": [{"name": "log", "image": "fluent-bit:3"}, web],
    }
    return {
        "taskDefinition": {**found, **more},
        "tags": [{"key": "team", "value": "shop"}, {"key": "aws:x", "value": "1"}],
    }


def rollout(number: int = 1, revision: int = 1, state: str = "COMPLETED", **more: Any) -> dict[str, Any]:
    tasks = {"desiredCount": 2, "runningCount": 2, "pendingCount": 0, "failedTasks": 0, "createdAt": 100.0}
    own = {"id": f"ecs-svc/{number}", "status": "PRIMARY", "taskDefinition": f"{FAMILY}:{revision}"}
    return {**tasks, **own, "rolloutState": state, **more}


def service(*rollouts: dict[str, Any], revision: int = 1, **more: Any) -> dict[str, Any]:
    found = {"serviceArn": SERVICE_ARN, "serviceName": "shop", "status": "ACTIVE"}
    found |= {"taskDefinition": f"{FAMILY}:{revision}", "deployments": list(rollouts or (rollout(),))}
    return {"services": [{**found, **more}], "failures": []}


def updated(number: int = 2, revision: int = 2) -> dict[str, Any]:
    [found] = service(rollout(number, revision, "IN_PROGRESS"), revision=revision)["services"]
    return {"service": found}


def asked(aws: StubAws, operation: str) -> list[dict[str, Any]]:
    return [parameters for name, parameters in aws.log if name == operation]
