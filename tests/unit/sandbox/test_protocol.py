"""AWS's wire protocols: what comes in is what botocore's own serialisers send, what goes out is what its own
parsers read."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from werkzeug.datastructures import Headers

from ecr_push.sandbox import protocol
from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.protocol import ApiCall

REPOSITORY = {"repositoryName": "team/app"}


def sent(service: str, operation: str, parameters: dict[str, Any]) -> tuple[Headers, bytes]:
    """A request as boto3 would send it, unsigned and without boto3's own validation."""
    model = botocore.session.get_session().get_service_model(service)
    serializer = create_serializer(model.metadata["protocol"], include_validation=False)
    request = serializer.serialize_to_request(parameters, model.operation_model(operation))
    body = request["body"]
    if isinstance(body, dict):
        from urllib.parse import urlencode

        body = urlencode(body).encode()
    return Headers(request["headers"]), body


def parsed(call: ApiCall, answer: protocol.ApiResponse) -> dict[str, Any]:
    """An answer as boto3 would hand it to its caller."""
    model = botocore.session.get_session().get_service_model(call.service)
    parser = create_parser(model.metadata["protocol"])
    headers = HeadersDict(answer.headers)
    response = {"body": answer.body, "headers": headers, "status_code": answer.status}
    result: dict[str, Any] = parser.parse(response, model.operation_model(call.operation).output_shape)
    return result


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("ecr", "DescribeRepositories", {"repositoryNames": ["team/app"], "registryId": "123456789012"}),
        ("ecr-public", "DescribeRepositories", {"maxResults": 7}),
        (
            "ecr",
            "UploadLayerPart",
            {
                **REPOSITORY,
                "uploadId": "6cd6ab3f-37d4-4a15-b2e5-c5b9a6f4d3e1",
                "partFirstByte": 0,
                "partLastByte": 2,
                "layerPartBlob": b"\x00\xff\x10",
            },
        ),
        ("sts", "GetCallerIdentity", {}),
        (
            "sts",
            "AssumeRole",
            {
                "RoleArn": "arn:aws:iam::123456789012:role/release",
                "RoleSessionName": "build-7",
                "DurationSeconds": 900,
                "Tags": [{"Key": "team", "Value": "a & b"}, {"Key": "stage", "Value": ""}],
            },
        ),
    ],
)
def test_a_request_is_read_as_botocore_writes_it(
    service: str, operation: str, parameters: dict[str, Any]
) -> None:
    call = protocol.read_call(*sent(service, operation, parameters))
    protocol.check_parameters(call)
    assert call == ApiCall(service, operation, parameters)


def test_nulls_mean_absent() -> None:
    headers, _ = sent("ecr", "DescribeRepositories", {})
    call = protocol.read_call(headers, b'{"repositoryNames": null, "maxResults": 1}')
    assert call.parameters == {"maxResults": 1}


@pytest.mark.parametrize(
    ("target", "body", "code"),
    [
        ("AmazonEC2ContainerRegistry_V20150921.DescribeRepositries", b"{}", "UnknownOperationException"),
        ("SomethingElse.DescribeRepositories", b"{}", "UnknownOperationException"),
        ("", b"Action=DescribeRepositories", "UnknownOperationException"),
        ("", b"\xff\xfe", "UnknownOperationException"),
        ("AmazonEC2ContainerRegistry_V20150921.DescribeRepositories", b"{", "SerializationException"),
        ("AmazonEC2ContainerRegistry_V20150921.DescribeRepositories", b"[]", "SerializationException"),
        (
            "AmazonEC2ContainerRegistry_V20150921.UploadLayerPart",
            b'{"layerPartBlob": "%"}',
            "SerializationException",
        ),
    ],
)
def test_invalid_requests_are_refused(target: str, body: bytes, code: str) -> None:
    with pytest.raises(EcrError) as caught:
        protocol.read_call(Headers({"X-Amz-Target": target} if target else {}), body)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("operation", "parameters", "code", "words"),
    [
        (
            "CreateRepository",
            {},
            "InvalidParameterException",
            'required parameter in input: "repositoryName"',
        ),
        ("CreateRepository", {**REPOSITORY, "colour": "red"}, "InvalidParameterException", '"colour"'),
        ("CreateRepository", {"repositoryName": 7}, "InvalidParameterException", "Invalid type"),
        (
            "CreateRepository",
            {"repositoryName": "Team/App"},
            "InvalidParameterException",
            "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expr",
        ),
        (
            "CreateRepository",
            {"repositoryName": "a"},
            "InvalidParameterException",
            "Member must have length greater than or equal to 2",
        ),
        (
            "PutImageTagMutability",
            {**REPOSITORY, "imageTagMutability": "FROZEN"},
            "InvalidParameterException",
            "enum value set: [MUTABLE, IMMUTABLE",
        ),
        (
            "CreateRepository",
            {
                **REPOSITORY,
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": "a b"}],
            },
            "InvalidParameterException",
            "'imageTagMutabilityExclusionFilters.1.member.filter'",
        ),
        (
            "DescribeImages",
            {**REPOSITORY, "maxResults": 1_001},
            "InvalidParameterException",
            "Member must have value less than or equal to 1000",
        ),
        (
            "BatchGetRepositoryScanningConfiguration",
            {"repositoryNames": ["ab"] * 26},
            "InvalidParameterException",
            "Member must have length less than or equal to 25",
        ),
        (
            "PutLifecyclePolicy",
            {**REPOSITORY, "lifecyclePolicyText": "{}"},
            "InvalidParameterException",
            "greater than or equal to 100",
        ),
        ("DeleteSigningConfiguration", {"colour": "red"}, "ValidationException", '"colour"'),
    ],
)
def test_parameters_are_held_to_the_model(
    operation: str, parameters: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(EcrError) as caught:
        protocol.check_parameters(ApiCall("ecr", operation, parameters))
    assert (caught.value.code, caught.value.http_status) == (code, 400)
    assert words in caught.value.message


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(EcrError) as caught:
        protocol.check_parameters(
            ApiCall("sts", "AssumeRole", {"RoleArn": "arn:x", "RoleSessionName": "a b", "DurationSeconds": 1})
        )
    assert caught.value.code == "ValidationError"
    assert caught.value.message.startswith("3 validation errors detected: Value 'arn:x' at 'RoleArn'")


def test_an_answer_is_read_by_botocore_as_it_was_meant() -> None:
    call = ApiCall("ecr", "DescribeImages", REPOSITORY)
    result = {
        "imageDetails": [{"imageDigest": "sha256:ab", "imagePushedAt": 1700000000.1239, "imageTags": None}]
    }
    answer = protocol.write_answer(call, result)
    assert answer.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert json.loads(answer.body)["imageDetails"][0] == {
        "imageDigest": "sha256:ab",
        "imagePushedAt": 1700000000.124,
    }
    [detail] = parsed(call, answer)["imageDetails"]
    assert detail["imagePushedAt"].timestamp() == pytest.approx(1700000000.124)


def test_an_sts_answer_is_xml() -> None:
    call = ApiCall("sts", "AssumeRole")
    result = {
        "Credentials": {
            "AccessKeyId": "ASIASANDBOX000000000",
            "SecretAccessKey": "dummy",
            "SessionToken": "a<b>&c",
            "Expiration": 1700000000.0,
        },
        "AssumedRoleUser": {"AssumedRoleId": "AROA:me", "Arn": "arn:aws:sts::123456789012:assumed-role/r/me"},
    }
    read = parsed(call, protocol.write_answer(call, result))
    assert read["Credentials"]["SessionToken"] == "a<b>&c"
    assert read["Credentials"]["Expiration"].isoformat() == "2023-11-14T22:13:20+00:00"
    assert read["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"imageIds": [], "colour": "red"}, "lacks: colour"),
        ({"imageIds": [{"imageTag": 7}]}, r"result.imageIds\[0\].imageTag is 7"),
        ({"nextToken": b"x"}, "nextToken"),
    ],
)
def test_an_answer_that_the_model_does_not_know_is_our_own_defect(result: dict[str, Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        protocol.write_answer(ApiCall("ecr", "ListImages", REPOSITORY), result)


def test_a_response_without_a_required_member_is_an_error() -> None:
    with pytest.raises(TypeError, match="ImageReferrer requires: mediaType, size"):
        protocol.write_answer(ApiCall("ecr", "ListImageReferrers"), {"referrers": [{"digest": "sha256:ab"}]})


@pytest.mark.parametrize(
    ("service", "operation", "status"),
    [("ecr", "DescribeRepositories", 400), ("ecr-public", "DescribeImages", 500), ("sts", "AssumeRole", 403)],
)
def test_an_error_is_read_by_botocore_as_it_was_meant(service: str, operation: str, status: int) -> None:
    error = EcrError("SomeException", "the name 'a<b>' & more", status)
    answer = protocol.write_error(service, error)
    read = parsed(ApiCall(service, operation), answer)
    assert (read["Error"]["Code"], read["Error"]["Message"]) == ("SomeException", error.message)
    assert read["ResponseMetadata"]["RequestId"] == answer.request_id
    assert answer.status == status
