"""Each statement against what IAM knows of its actions; and how the tests' gateway reads a request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse

from ecr_push.base.iam.allow_statement import AllowStatement
from ecr_push.pipeline.permissions.commands import commands, permissions_of
from ecr_push.pipeline.permissions.wish import Wish
from ecr_push.settings.declare import options
from ecr_push.upkeep.model import Wanted, WantedRepositories
from tests.support.aws_request import Permission, permissions_for, read_call
from tests.support.everything import EVERYTHING, PLACE, ROLE
from tests.support.service_authorization import ARNS, KEYS, RESOURCES
from tests.support.settings import settings

WANTED = Wanted(scan_on_push=True, lifecycle="{}", policy="{}", tags={"a": "b"}, kms_key="alias/ecr")


def statements() -> Iterator[tuple[str, AllowStatement]]:
    for command in commands():
        for repository in ("team/app", "public.ecr.aws/acme/app"):
            wanted = WantedRepositories({"team/app": WANTED}) if command.startswith("repo") else None
            wish = Wish(
                command,
                settings(**{**PLACE, **EVERYTHING, "repository": repository}),
                objects=("s3://team/policy.yml",),
                wanted=wanted,
            )
            for found in permissions_of(wish).values():
                yield from ((command, one) for one in found)


def knows(kind: str, resource: str) -> bool:
    """Whether a resource of a statement is one of this type. A `*` may stand for the rest of an ARN."""
    parts = re.split(r"\$\{\w+\}", ARNS[kind])
    pattern = "[^:]*".join(map(re.escape, parts[:-2])) + "[^:]*" + r".*".join(map(re.escape, parts[-2:]))
    return bool(re.fullmatch(pattern, resource))


def test_every_statement_is_one_that_iam_knows() -> None:
    """An action with resources names some of them, one without names none; it is the same with its keys."""
    wrong = set()
    for command, one in statements():
        keys = [key for of in one.conditions.values() for key in of]
        for action in one.actions:
            if action.startswith(("ecr:", "ecr-public:")):
                continue
            known = RESOURCES.get(action)
            if known is None:
                wrong.add(f"{command}: {action} is not in tests/support/service_authorization.py")
                continue
            of_a_kind = (
                all(any(knows(kind, resource) for kind in known) for resource in one.resources)
                if known
                else one.resources == ("*",)
            )
            if not of_a_kind:
                wrong.add(f"{command}: {action} on {', '.join(one.resources)}, which knows {known}")
            wrong |= {f"{command}: {action} with {key}" for key in keys if key not in KEYS.get(action, ())}
    assert not wrong, "\n".join(sorted(wrong))


@pytest.mark.parametrize("command", commands())
def test_an_option_that_a_command_does_not_take_adds_nothing(command: str) -> None:
    """As in ecr-push.yml, where another command uses it."""

    def granted(**given: object) -> object:
        found = permissions_of(Wish(command, settings(**PLACE, **given)))
        return {who: its for who, its in found.items() if its}

    taken = {one.name for one in options(command)}
    for name in EVERYTHING.keys() - taken:
        assert granted(**{name: EVERYTHING[name]}) == granted(), name


HOME = "arn:aws:{}:eu-west-1:123456789012:{}"
REVISION = HOME.format("ecs", "task-definition/shop:7")


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        (
            "ecs",
            "update_service",
            {"cluster": "prod", "service": "shop", "taskDefinition": REVISION},
            [("ecs:UpdateService", HOME.format("ecs", "service/prod/shop"), "cluster/prod")],
        ),
        (
            "ecs",
            "describe_services",
            {"services": ["shop", "else"]},
            [
                ("ecs:DescribeServices", HOME.format("ecs", f"service/default/{name}"), "cluster/default")
                for name in ("shop", "else")
            ],
        ),
        (
            "ecs",
            "describe_tasks",
            {"cluster": "prod", "tasks": [HOME.format("ecs", "task/prod/1")]},
            [("ecs:DescribeTasks", HOME.format("ecs", "task/prod/1"), "cluster/prod")],
        ),
        ("ecs", "list_tasks", {"serviceName": "shop"}, [("ecs:ListTasks", "*", "cluster/default")]),
        (
            "ecs",
            "register_task_definition",
            {
                "family": "shop",
                "taskRoleArn": ROLE,
                "containerDefinitions": [{"name": "web"}],
                "tags": [{"key": "a", "value": "b"}],
            },
            [
                ("ecs:RegisterTaskDefinition", HOME.format("ecs", "task-definition/shop:new"), ""),
                ("ecs:TagResource", HOME.format("ecs", "task-definition/shop:new"), ""),
                ("iam:PassRole", ROLE, "ecs-tasks.amazonaws.com"),
            ],
        ),
        (
            "lambda",
            "get_function",
            {"FunctionName": "shop", "Qualifier": "7"},
            [("lambda:GetFunction", HOME.format("lambda", "function:shop:7"), "")],
        ),
        (
            "lambda",
            "update_alias",
            {"FunctionName": "shop", "Name": "live"},
            [("lambda:UpdateAlias", HOME.format("lambda", "function:shop"), "")],
        ),
        (
            "batch",
            "register_job_definition",
            {"jobDefinitionName": "job", "type": "container", "tags": {"a": "b"}},
            [
                ("batch:RegisterJobDefinition", HOME.format("batch", "job-definition/job"), ""),
                ("batch:TagResource", HOME.format("batch", "job-definition/job:new"), ""),
            ],
        ),
        (
            "sagemaker",
            "update_endpoint",
            {"EndpointName": "shop", "EndpointConfigName": "shop-1"},
            [
                ("sagemaker:UpdateEndpoint", HOME.format("sagemaker", "endpoint/shop"), ""),
                ("sagemaker:UpdateEndpoint", HOME.format("sagemaker", "endpoint-config/shop-1"), ""),
            ],
        ),
        (
            "sagemaker",
            "list_tags",
            {"ResourceArn": HOME.format("sagemaker", "model/shop")},
            [("sagemaker:ListTags", HOME.format("sagemaker", "model/shop"), "")],
        ),
        (
            "s3",
            "put_object",
            {"Bucket": "acme-audit", "Key": "team/a b.json", "Body": b"{}", "IfNoneMatch": "*"},
            [("s3:PutObject", "arn:aws:s3:::acme-audit/team/a b.json", "")],
        ),
        (
            "logs",
            "put_log_events",
            {
                "logGroupName": "/audit",
                "logStreamName": "ecr-push/1",
                "logEvents": [{"timestamp": 1, "message": "m"}],
            },
            [("logs:PutLogEvents", HOME.format("logs", "log-group:/audit:log-stream:ecr-push/1"), "")],
        ),
        (
            "cloudwatch",
            "put_metric_data",
            {"Namespace": "Acme", "MetricData": [{"MetricName": "m"}]},
            [("cloudwatch:PutMetricData", "*", "Acme")],
        ),
        (
            "events",
            "put_events",
            {"Entries": [{"EventBusName": "releases", "Source": "ecr-push"}]},
            [("events:PutEvents", HOME.format("events", "event-bus/releases"), "")],
        ),
        (
            "kms",
            "get_public_key",
            {"KeyId": "alias/sign"},
            [("kms:GetPublicKey", HOME.format("kms", "key/of-the-alias"), "alias/sign")],
        ),
        (
            "sqs",
            "receive_message",
            {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/scans"},
            [("sqs:ReceiveMessage", HOME.format("sqs", "scans"), "")],
        ),
    ],
)
def test_what_a_request_asks_for(
    service: str, operation: str, parameters: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    """As the SDK sends it. The third value: how a condition key of it ends."""
    found = asked(service, operation, parameters)
    assert [(one.action, one.resource) for one in found] == [(action, on) for action, on, _ in expected]
    for one, (_, _, key) in zip(found, expected, strict=True):
        assert [value.endswith(key) for value in one.keys.values()] == ([True] * len(one.keys) if key else [])


def asked(service: str, operation: str, parameters: dict[str, Any]) -> list[Permission]:
    """Nothing is sent: the SDK hands its request over and gets an empty answer."""
    sent: list[Any] = []

    def keep(request: Any, **_: Any) -> AWSResponse:
        sent.append(request)

        class Raw:
            def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
                yield b""

        return AWSResponse(request.url, 200, {}, Raw())

    client = botocore.session.get_session().create_client(
        service,
        region_name="eu-west-1",
        aws_access_key_id="dummy",
        aws_secret_access_key="dummy",
        endpoint_url="http://127.0.0.1:1",
    )
    client.meta.events.register("before-send", keep)
    getattr(client, operation)(**parameters)
    [request] = sent
    headers = {
        name.lower(): text.decode() if isinstance(text, bytes) else text
        for name, text in request.headers.items()
    }
    body = request.body.read() if hasattr(request.body, "read") else request.body or b""
    call = read_call(request.method, request.url, headers, body)
    return list(permissions_for(call, "123456789012"))
