"""Which permissions each operation needs: a row for each one whose answer is not its own name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ecr_push.sandbox.api_needs import needs
from ecr_push.sandbox.operations import OPERATIONS
from ecr_push.sandbox.protocol import ApiCall
from tests.support.sandbox.api import ACCOUNT, Api

APP = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/team/app"
PUBLIC = f"arn:aws:ecr-public::{ACCOUNT}:repository/app"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci"
LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/"
KEYS = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/"
KEY = f"{KEYS}k"
NAME = {"repositoryName": "team/app"}


def asked(api: Api, service: str, operation: str, **parameters: Any) -> list[tuple[str, str]]:
    found = needs(ApiCall(service, operation, parameters), api.state, ACCOUNT)
    return [(one.action, one.resource) for one in found]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        ("ecr", "PutImage", NAME, [("ecr:PutImage", APP)]),
        ("ecr", "ListImageReferrers", NAME, [("ecr:BatchGetImage", APP)]),
        ("ecr", "GetAuthorizationToken", {}, [("ecr:GetAuthorizationToken", "*")]),
        ("ecr", "GetRegistryScanningConfiguration", {}, [("ecr:GetRegistryScanningConfiguration", "*")]),
        ("ecr", "DescribeRepositories", {}, [("ecr:DescribeRepositories", APP.replace("team/app", "*"))]),
        (
            "ecr",
            "DescribeRepositories",
            {"repositoryNames": ["team/app", "b"]},
            [("ecr:DescribeRepositories", APP), ("ecr:DescribeRepositories", APP.replace("team/app", "b"))],
        ),
        ("ecr", "TagResource", {"resourceArn": APP, "tags": []}, [("ecr:TagResource", APP)]),
        ("ecr", "CreateRepository", NAME, [("ecr:CreateRepository", APP)]),
        (
            "ecr",
            "CreateRepository",
            {**NAME, "tags": [{"Key": "a", "Value": "1"}]},
            [("ecr:CreateRepository", APP), ("ecr:TagResource", APP)],
        ),
        (
            "ecr",
            "CreateRepository",
            {**NAME, "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": KEY}},
            [("ecr:CreateRepository", APP), ("kms:DescribeKey", KEY), ("kms:CreateGrant", KEY)],
        ),
        (
            "ecr",
            "CreateRepository",
            {**NAME, "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": "alias/k"}},
            [
                ("ecr:CreateRepository", APP),
                ("kms:DescribeKey", f"{KEYS}of-k"),
                ("kms:CreateGrant", f"{KEYS}of-k"),
            ],
        ),
        (
            "ecr",
            "CreateRepositoryCreationTemplate",
            {"prefix": "a", "customRoleArn": ROLE, "lifecyclePolicy": "{}"},
            [
                ("ecr:CreateRepositoryCreationTemplate", "*"),
                ("ecr:CreateRepository", APP.replace("team/app", "*")),
                ("ecr:PutLifecyclePolicy", APP.replace("team/app", "*")),
                ("iam:PassRole", ROLE),
                ("iam:CreateServiceLinkedRole", f"{LINKED}ecr.amazonaws.com/AWSServiceRoleForECRTemplate"),
            ],
        ),
        (
            "ecr",
            "PutReplicationConfiguration",
            {},
            [
                ("ecr:PutReplicationConfiguration", "*"),
                (
                    "iam:CreateServiceLinkedRole",
                    f"{LINKED}replication.ecr.amazonaws.com/AWSServiceRoleForECRReplication",
                ),
            ],
        ),
        (
            "ecr-public",
            "GetAuthorizationToken",
            {},
            [("ecr-public:GetAuthorizationToken", "*"), ("sts:GetServiceBearerToken", "*")],
        ),
        (
            "ecr-public",
            "DescribeRegistries",
            {},
            [("ecr-public:DescribeRegistries", f"arn:aws:ecr-public::{ACCOUNT}:registry/{ACCOUNT}")],
        ),
        ("ecr-public", "PutImage", {"repositoryName": "app"}, [("ecr-public:PutImage", PUBLIC)]),
        ("inspector2", "ListFindings", {}, [("inspector2:ListFindings", "*")]),
        ("sts", "AssumeRole", {"RoleArn": ROLE}, [("sts:AssumeRole", ROLE)]),
    ],
)
def test_a_call(
    tmp_path: Path, service: str, operation: str, parameters: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    api = Api(tmp_path)
    assert asked(api, service, operation, **parameters) == expected
    api.close()


def test_findings_of_enhanced_scanning_are_inspector_s(tmp_path: Path) -> None:
    api = Api(tmp_path)
    assert asked(api, "ecr", "DescribeImageScanFindings", **NAME) == [("ecr:DescribeImageScanFindings", APP)]
    api.call("PutRegistryScanningConfiguration", scanType="ENHANCED", rules=[])
    assert asked(api, "ecr", "DescribeImageScanFindings", **NAME)[1:] == [
        ("inspector2:ListFindings", "*"),
        ("inspector2:ListCoverage", "*"),
    ]
    api.close()


def test_every_operation_needs_something(tmp_path: Path) -> None:
    api = Api(tmp_path)
    for service, operations in OPERATIONS.items():
        for operation in operations:
            assert asked(api, service, operation), operation
    api.close()
