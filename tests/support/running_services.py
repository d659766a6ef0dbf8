"""The services that run images, on this machine: moto's server, and what it leaves out of them.

moto changes what a service is to run, and leaves its deployment as it was; here each update is a rollout,
which ends as a test says. It makes up the digest that Lambda resolves an image to; here it is the image's.
It has no UpdateEndpoint; here an endpoint has its other configuration at once. It has no Express Mode; here a
service can be made one, whose update is a rollout.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
from moto.awslambda.models import LambdaFunction
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.responses import ActionResult
from moto.ecs.models import EC2ContainerServiceBackend, ecs_backends
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.sagemaker.responses import SageMakerResponse

from tests.support.moto_server import moto_server

REGION = "us-east-1"
_KEYS = {"aws_access_key_id": "dummy", "aws_secret_access_key": "dummy"}
_NAMES = ("ECS", "LAMBDA", "BATCH", "SAGEMAKER", "IAM", "EC2")


@dataclass
class Services:
    """ends: how the next rollouts end: COMPLETED, FAILED (and rolled back), or IN_PROGRESS for ever.

    express: the images of services of Express Mode, by their ARNs.
    """

    url: str
    ends: str = "COMPLETED"
    rollouts: list[str] = field(default_factory=list)
    express: dict[str, str] = field(default_factory=dict)

    def make_express(self, name: str, image: str) -> None:
        """Makes a service of the cluster `default` one of Express Mode, whose container has an image."""
        service = ecs_backends[DEFAULT_ACCOUNT_ID][REGION]._get_service("default", name)
        service.resource_management_type = "ECS"
        self.express[service.arn] = image

    def stop_a_task(self, definition: str, reason: str) -> None:
        """A task of the rollout that is the next one, and that has stopped."""
        ecs = self.api("ecs")
        started = {"launchType": "FARGATE", "startedBy": self._next_rollout()}
        [task] = ecs.run_task(taskDefinition=definition, **started)["tasks"]
        ecs.stop_task(task=task["taskArn"], reason=reason)

    @property
    def environ(self) -> dict[str, str]:
        """Where the CLI and the AWS CLI find these services, beside a sandbox for ECR."""
        return {f"AWS_ENDPOINT_URL_{name}": self.url for name in _NAMES}

    def api(self, service: str, region: str = REGION) -> Any:
        """A client that sets things up."""
        return boto3.client(service, endpoint_url=self.url, region_name=region, **_KEYS)

    def serve(self, image: str, region: str) -> None:
        """Makes the service `app` in the cluster `prod`, as the examples have them, which runs an image."""
        ecs = self.api("ecs", region)
        ecs.create_cluster(clusterName="prod")
        container = {"name": "app", "image": image, "memory": 128}
        ecs.register_task_definition(family="app", containerDefinitions=[container])
        ecs.create_service(cluster="prod", serviceName="app", taskDefinition="app", desiredCount=1)

    def served(self, region: str) -> list[str]:
        """The images that the service runs."""
        ecs = self.api("ecs", region)
        [service] = ecs.describe_services(cluster="prod", services=["app"])["services"]
        found = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
        return [one["image"] for one in found["containerDefinitions"]]

    def ask(self, *argv: str) -> Any:
        """What the AWS CLI prints, parsed."""
        keys = {name.upper(): value for name, value in _KEYS.items()}
        done = subprocess.run(
            [Path(sys.executable).with_name("aws"), "--endpoint-url", self.url, *argv, "--output", "json"],
            env={"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": REGION, **keys},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr}"
        return json.loads(done.stdout)

    # ------------------------------------------------------------------------- what moto leaves out

    def _update(self, original: Any, backend: Any, properties: dict[str, Any]) -> Any:
        begins, forced = bool(properties.get("task_definition")), properties.get("force_new_deployment")
        name = str(properties.get("service"))
        cluster = properties.get("cluster", "default")
        before = backend._get_service(cluster, name).task_definition
        service = original(backend, properties)
        if begins and (before != service.task_definition or forced):
            self._begin(service, before)
        return service

    def _begin(self, service: Any, before: str) -> None:
        fresh = deepcopy(service.deployments[0]) if service.deployments else {}
        for one in service.deployments:
            one["status"] = "ACTIVE"
        now = datetime.now(timezone.utc)
        fresh.update(
            id=self._next_rollout(),
            status="PRIMARY",
            taskDefinition=service.task_definition,
            rolloutState="IN_PROGRESS",
            rolloutStateReason="in progress",
            createdAt=now,
            pendingCount=service.desired_count,
            runningCount=0,
        )
        service.deployments.insert(0, fresh)
        service.looks, service.before = 0, before
        self.rollouts.append(fresh["id"])

    def _next_rollout(self) -> str:
        return f"ecs-svc/{len(self.rollouts):019}"

    def _describe_express(self, own: Any) -> ActionResult:
        arn = own._get_param("serviceArn")
        container = {"image": self.express[arn], "containerPort": 8080}
        configuration = {"primaryContainer": container, "cpuArchitecture": "X86_64"}
        return ActionResult({"service": {"serviceArn": arn, "activeConfigurations": [configuration]}})

    def _update_express(self, own: Any) -> ActionResult:
        arn = own._get_param("serviceArn")
        self.express[arn] = own._get_param("primaryContainer")["image"]
        _, cluster, name = arn.split("/")
        service = own.ecs_backend._get_service(cluster, name)
        self._begin(service, service.task_definition)
        return ActionResult({"service": {"serviceArn": arn}})

    def _describe(self, original: Any, backend: Any, cluster: str, names: list[str]) -> Any:
        found, failures = original(backend, cluster, names)
        for service in found:
            primary = service.deployments[0]
            if primary["rolloutState"] == "IN_PROGRESS" and hasattr(service, "looks"):
                service.looks += 1
                if service.looks > 1:
                    self._end(service, primary)
        return found, failures

    def _end(self, service: Any, primary: dict[str, Any]) -> None:
        primary["rolloutState"] = self.ends
        if self.ends == "COMPLETED":
            primary.update(pendingCount=0, runningCount=service.desired_count)
            service.deployments = [primary]
        elif self.ends == "FAILED":
            reason = "ECS deployment circuit breaker: tasks failed to start."
            primary.update(status="ACTIVE", rolloutStateReason=reason, failedTasks=3, pendingCount=0)
            service.task_definition = service.before
            back = {**primary, "id": "ecs-svc/rolled-back", "status": "PRIMARY", "failedTasks": 0}
            back.update(taskDefinition=service.before, rolloutState="COMPLETED", rolloutStateReason="")
            service.deployments = [back, primary]
            text = f"(service {service.name}) (deployment {primary['id']}) deployment failed: tasks failed."
            service.events = [{"id": "1", "createdAt": datetime.now(timezone.utc), "message": text}]


def _resolved(original: Any, function: Any) -> Mapping[str, Any]:
    found = original(function)
    if "ImageUri" in found.get("Code", {}):
        found["Code"]["ResolvedImageUri"] = found["Code"]["ImageUri"]
    return found  # type: ignore[no-any-return]


def _update_endpoint(own: Any) -> ActionResult:
    found = own.sagemaker_backend.endpoints[own._get_param("EndpointName")]
    found.endpoint_config_name = own._get_param("EndpointConfigName")
    return ActionResult({"EndpointArn": found.arn})


@contextmanager
def running_services() -> Iterator[Services]:
    with moto_server() as url, completed(url) as services:
        yield services


@contextmanager
def completed(url: str) -> Iterator[Services]:
    """The services of a moto that runs in this process, with what it leaves out."""
    services = Services(url)
    update, describe = EC2ContainerServiceBackend.update_service, EC2ContainerServiceBackend.describe_services
    code = LambdaFunction.get_code

    def described(own: Any) -> ActionResult:
        return services._describe_express(own)

    def updated(own: Any) -> ActionResult:
        return services._update_express(own)

    with (
        mock.patch.object(
            EC2ContainerServiceBackend,
            "update_service",
            lambda own, given: services._update(update, own, given),
        ),
        mock.patch.object(
            EC2ContainerServiceBackend,
            "describe_services",
            lambda own, cluster, names: services._describe(describe, own, cluster, names),
        ),
        mock.patch.object(LambdaFunction, "get_code", lambda own: _resolved(code, own)),
        mock.patch.object(SageMakerResponse, "update_endpoint", _update_endpoint, create=True),
        mock.patch.object(
            EC2ContainerServiceResponse, "describe_express_gateway_service", described, create=True
        ),
        mock.patch.object(
            EC2ContainerServiceResponse, "update_express_gateway_service", updated, create=True
        ),
    ):
        yield services
