"""Answers that are a success but for some of the items: held against AWS's own service models."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from ecr_push.base.reference import Tag
from ecr_push.registry.aws.call import call, call_for_any_answer
from ecr_push.registry.aws.failures import NOT_FOUND, ItemFailure, ItemsRefusedError, refused_items
from ecr_push.registry.private import PrivateRepository
from ecr_push.registry.public import PublicRepository
from tests.support.aws import StubAws
from tests.support.fakes import FakeClock, digest
from tests.support.paths import PACKAGE
from tests.support.source_code import tree

# The room with the door to AWS, and the one that calls the services that run images.
SOURCES = sorted(
    path for room in ("registry", "delivery/services") for path in (PACKAGE / room).rglob("*.py")
)
# How a model calls a member that says what was not done for an item of a batch.
REFUSING = re.compile(r"fail|error|unprocessed|reject|unreached", re.IGNORECASE)


def strings() -> frozenset[str]:
    return frozenset(
        node.value
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def services() -> list[str]:
    """The services that the source names, by boto3's names."""
    return sorted(strings() & set(botocore.session.get_session().get_available_services()))


@cache
def called() -> dict[tuple[str, str], Any]:
    """The model of each operation whose Python name stands in the source, by service and Python name."""
    session, named = botocore.session.get_session(), strings()
    found = {}
    for service in services():
        model = session.get_service_model(service)
        for name in model.operation_names:
            if xform_name(name) in named:
                found[service, xform_name(name)] = model.operation_model(name)
    return found


def refusing_members(model: Any) -> Iterator[str]:
    """The members of an answer that say what was not done: by their names, or by a code in each entry."""
    for name, shape in (model.output_shape.members if model.output_shape else {}).items():
        entry = getattr(shape, "member", None) if shape.type_name == "list" else None
        codes = [one for one in getattr(entry, "members", ()) if one in ("failureCode", "errorCode", "Code")]
        if REFUSING.search(name) or codes:
            yield name


# Those whose answer is a list of statuses, each with its reader.
STATUSES = {
    ("ecr", "describe_image_replication_status"),
    ("ecr", "describe_image_signing_status"),
    ("ecr", "describe_replication_backfill_results"),
    ("ecr", "list_replication_backfills"),
}
# Those that say it in their own way, each with its reader: tests in test_publishing.py, in delivery/services.
OTHERWISE = {("events", "put_events"), ("logs", "put_log_events")}
# ECS has a text for the code; the others say why something that was asked for has failed by itself.
OTHERWISE |= {("ecs", "describe_services"), ("ecs", "describe_tasks")}
OTHERWISE |= {("lambda", "get_function"), ("sagemaker", "describe_endpoint")}
OTHERWISE |= {("inspector2", "enable")}  # not called: a switch of ECS's has that name
BATCHES = [
    key
    for key, model in called().items()
    if list(refusing_members(model)) and key not in STATUSES | OTHERWISE
]


def test_the_models_are_read() -> None:
    assert {"ecr", "ecr-public", "inspector2", "sqs", "sts", "s3"} <= set(services())
    assert {("ecr", "batch_get_image"), ("ecr", "batch_delete_image")} <= set(BATCHES)
    assert ("ecr-public", "batch_delete_image") in BATCHES
    assert ("ecr", "batch_get_repository_scanning_configuration") in BATCHES


@pytest.mark.parametrize(("service", "operation"), BATCHES)
def test_what_a_batch_refuses_is_in_the_list_that_every_call_looks_at(service: str, operation: str) -> None:
    """A new call whose answer says it otherwise, as `UnprocessedKeys`, needs a reader of its own."""
    model = called()[service, operation]
    assert list(refusing_members(model)) == ["failures"]
    entry = model.output_shape.members["failures"].member.members
    assert {"failureCode", "failureReason"} <= set(entry)
    assert {"imageId", "layerDigest", "repositoryName"} & set(entry)


def parameters(model: Any) -> dict[str, Any]:
    values = {
        "repositoryName": "team/app",
        "imageIds": [{"imageTag": "1.0"}],
        "repositoryNames": ["team/app"],
        "layerDigests": [f"sha256:{'1' * 64}"],
    }
    return {name: values[name] for name in model.input_shape.required_members}


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        (service, operation, code)
        for service, operation in BATCHES
        for code in called()[service, operation]
        .output_shape.members["failures"]
        .member.members["failureCode"]
        .enum
    ],
)
@pytest.mark.parametrize("way", [call, call_for_any_answer])
def test_every_code_but_not_found_is_an_error_that_names_it(
    service: str, operation: str, code: str, way: Any
) -> None:
    model = called()[service, operation]
    failure = {"imageId": {"imageTag": "1.0"}, "repositoryName": "team/app", "failureCode": code}
    aws = StubAws({model.name: {"failures": [failure]}})
    if code in NOT_FOUND:
        assert way(aws.client(service), operation, **parameters(model))["failures"] == [failure]
        return
    with pytest.raises(ItemsRefusedError, match=f"ecr.*:{model.name}") as raised:
        way(aws.client(service), operation, **parameters(model))
    assert code in raised.value.why
    assert "1.0" in raised.value.why


def test_not_found_is_known_by_codes_that_the_models_have() -> None:
    known = {
        code
        for service, operation in BATCHES
        for code in called()[service, operation]
        .output_shape.members["failures"]
        .member.members["failureCode"]
        .enum
    }
    of_ecs = {"MISSING"}  # its codes are texts
    assert known >= NOT_FOUND - of_ecs
    assert {code for code in known if "FOUND" in code.upper().replace("_", "")} == NOT_FOUND - of_ecs


def test_operations_are_called_through_call_alone() -> None:
    """So that no answer passes by the look at its failures."""
    names = {operation for _, operation in called()}
    direct = [
        f"{path.relative_to(PACKAGE)}: {node.func.attr}"
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names
    ]
    assert direct == []


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (
            {"imageId": {"imageTag": "1.0"}, "failureCode": "KmsError", "failureReason": "off"},
            "1.0: KmsError (off)",
        ),
        (
            {"imageId": {"imageDigest": "sha256:1"}, "failureCode": "ImageInaccessible"},
            "sha256:1: ImageInaccessible",
        ),
        ({"layerDigest": "sha256:2", "failureCode": "InvalidLayerDigest"}, "sha256:2: InvalidLayerDigest"),
        ({"repositoryName": "team/app", "failureReason": "odd"}, "team/app: Unknown (odd)"),
        ({"failureCode": "NewCode"}, "NewCode"),
        ({"arn": "arn:aws:ecs:a", "reason": "CLUSTER_MISSING"}, "arn:aws:ecs:a: CLUSTER_MISSING"),
        (None, "Unknown"),
    ],
)
def test_a_failure_in_words(failure: Any, text: str) -> None:
    assert [str(one) for one in refused_items({"failures": [failure]})] == [text]


def test_many_failures_are_one_short_error() -> None:
    failures = tuple(ItemFailure(f"1.{number}", "KmsError") for number in range(50))
    error = ItemsRefusedError("ecr:BatchGetImage", failures)
    assert error.why == "1.0: KmsError; 1.1: KmsError; 1.2: KmsError; and 47 more"
    assert error.remedy.count("KMS key") == 1
    assert len(error.failures) == 50


def refusing(operation: str, code: str) -> StubAws:
    item = {"imageTag": "1.0"} if operation != "BatchGetImage:digest" else {"imageDigest": digest("a").value}
    failure = {"imageId": item, "failureCode": code, "failureReason": "because"}
    return StubAws({operation.partition(":")[0]: {"images": [], "imageIds": [], "failures": [failure]}})


def test_a_tag_whose_image_cannot_be_read_is_not_absent() -> None:
    client = PrivateRepository(refusing("BatchGetImage", "ImageInaccessible"), "team/app", "", FakeClock())
    with pytest.raises(ItemsRefusedError, match="ecr:BatchGetImage"):
        client.digests([Tag("1.0")])
    client = PrivateRepository(refusing("BatchGetImage", "ImageNotFound"), "team/app", "", FakeClock())
    assert client.digests([Tag("1.0")]) == {}


def test_an_image_that_cannot_be_read_is_not_waited_for() -> None:
    """Only one that is not there may still appear, right after its push."""
    clock = FakeClock()
    client = PrivateRepository(refusing("BatchGetImage:digest", "KmsError"), "team/app", "", clock)
    with pytest.raises(ItemsRefusedError, match="ecr:BatchGetImage") as raised:
        client.manifest(digest("a"))
    assert "KmsError (because)" in raised.value.why
    assert clock.seconds == 0


@pytest.mark.parametrize("kind", ["private", "public"])
def test_a_tag_that_is_not_removed_is_an_error(kind: str) -> None:
    aws = refusing("BatchDeleteImage", "KmsError")
    client = (
        PrivateRepository(aws, "team/app", "", FakeClock())
        if kind == "private"
        else PublicRepository(aws, "alias/app", FakeClock())
    )
    with pytest.raises(ItemsRefusedError, match="BatchDeleteImage"):
        client.remove_tags([Tag("1.0")])


def test_tags_that_were_there_are_distinguished_from_others() -> None:
    gone = {"imageIds": [{"imageDigest": digest("a").value, "imageTag": "a"}]}
    missing = {"failures": [{"imageId": {"imageTag": "b"}, "failureCode": "ImageNotFound"}]}
    client = PrivateRepository(StubAws({"BatchDeleteImage": gone | missing}), "team/app", "", FakeClock())
    assert client.remove_tags([Tag("a"), Tag("b")]) == {Tag("a")}
