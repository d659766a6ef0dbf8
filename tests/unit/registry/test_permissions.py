"""The table of permissions names every operation that is called, and the calls of other services."""

from __future__ import annotations

import ast

import botocore.session
import pytest
from botocore import xform_name

from ecr_push.registry import permissions
from ecr_push.registry.permissions import RepositoryArn
from ecr_push.registry.target import find_target
from tests.support.paths import PACKAGE
from tests.support.source_code import tree

URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app"


def called(file: str, service: str) -> set[str]:
    """The actions for the operations of a service that a module names in its calls."""
    model = botocore.session.get_session().get_service_model(service)
    texts = {one.value for one in ast.walk(tree(PACKAGE / file)) if isinstance(one, ast.Constant)}
    return {f"{service}:{name}" for name in model.operation_names if xform_name(name) in texts}


@pytest.mark.parametrize(
    ("file", "service", "actions"),
    [
        ("registry/aws/dynamodb.py", "dynamodb", permissions.LOCK),
        ("registry/inspector.py", "inspector2", permissions.INSPECTOR),
        ("registry/scan_events.py", "sqs", ("sqs:GetQueueUrl", "sqs:ReceiveMessage")),
        ("registry/aws/s3.py", "s3", ("s3:GetObject", "s3:PutObject")),
        ("registry/trail.py", "cloudtrail", permissions.TRAIL),
        ("registry/aws/eventbridge.py", "events", ("events:PutEvents",)),
        ("registry/aws/cloudwatch.py", "cloudwatch", ("cloudwatch:PutMetricData",)),
        ("registry/aws/cloudwatch.py", "logs", ("logs:CreateLogStream", "logs:PutLogEvents")),
    ],
)
def test_what_other_services_are_asked(file: str, service: str, actions: tuple[str, ...]) -> None:
    assert called(file, service) == set(actions)


@pytest.mark.parametrize(
    ("name", "arn"),
    [
        ("team/app", "arn:aws:ecr:eu-central-1:{account}:repository/team/app"),
        (URI, "arn:aws:ecr:eu-west-1:123456789012:repository/team/app"),
        ("public.ecr.aws/acme/app", "arn:aws:ecr-public::{account}:repository/app"),
    ],
)
def test_the_arn_of_a_repository(name: str, arn: str) -> None:
    assert RepositoryArn.of(find_target(name), "eu-central-1").text == arn


def test_ecr_public_s_names_for_what_it_has() -> None:
    public = RepositoryArn.of(find_target("public.ecr.aws/acme/app"), "")
    assert public.may("Look", *permissions.LOOK).actions == (
        "ecr-public:DescribeRepositories",
        "ecr-public:DescribeImageTags",
    )
    assert [one.actions for one in public.may_log_in()] == [
        ("ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"),
        ("ecr-public:DescribeRegistries",),
    ]
