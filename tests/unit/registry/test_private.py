"""A private registry. The clients are botocore's own, which check parameters; only the wire is stubbed."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Tag
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.interface import Login, RepositoryState, Scanning, WantedRepository
from ecr_push.registry.private import VISIBLE_ATTEMPTS, PrivateRepository
from tests.support.aws import StubAws, refused
from tests.support.fakes import HOST, OCI_MANIFEST, REPOSITORY, START, FakeClock, digest, manifest

ONE = digest("one")
DESCRIBED = {"repositoryUri": str(REPOSITORY), "repositoryArn": "arn"}
MISSING = refused("RepositoryNotFoundException")


def opened(answers: dict[str, Any], registry_id: str = "") -> tuple[PrivateRepository, StubAws]:
    aws = StubAws(answers)
    return PrivateRepository(aws, "team/app", registry_id, FakeClock()), aws


@pytest.mark.parametrize(
    ("registry_id", "named"), [("", {}), ("123456789012", {"registryIds": ["123456789012"]})]
)
def test_the_login_is_for_the_host_that_aws_names(registry_id: str, named: dict[str, Any]) -> None:
    token = base64.b64encode(b"AWS:dummy").decode()
    data = {"authorizationToken": token, "expiresAt": START, "proxyEndpoint": f"https://{HOST}"}
    client, aws = opened({"GetAuthorizationToken": {"authorizationData": [data]}}, registry_id)
    assert client.login() == Login(HOST, "AWS", "dummy", START)
    assert client.locate() == REPOSITORY
    assert aws.log[0] == ("GetAuthorizationToken", named)


@pytest.mark.parametrize(
    ("described", "state"),
    [
        ({}, RepositoryState(REPOSITORY)),
        (
            {
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": "latest"}],
                "imageScanningConfiguration": {"scanOnPush": True},
                "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": "alias/a"},
            },
            RepositoryState(REPOSITORY, "IMMUTABLE_WITH_EXCLUSION", ("latest",), True, "KMS alias/a"),
        ),
    ],
)
def test_what_a_repository_is_described_as(described: dict[str, Any], state: RepositoryState) -> None:
    client, aws = opened({"DescribeRepositories": {"repositories": [DESCRIBED | described]}}, "123456789012")
    assert client.describe() == state
    assert aws.log == [
        ("DescribeRepositories", {"repositoryNames": ["team/app"], "registryId": "123456789012"})
    ]


def test_a_repository_that_does_not_exist_is_none() -> None:
    client, _ = opened({"DescribeRepositories": MISSING})
    assert client.describe() is None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (
            WantedRepository("MUTABLE", ()),
            {
                "imageTagMutability": "MUTABLE",
                "imageScanningConfiguration": {"scanOnPush": True},
                "encryptionConfiguration": {"encryptionType": "AES256"},
            },
        ),
        (
            WantedRepository("IMMUTABLE_WITH_EXCLUSION", ("latest", "1*"), "alias/a", scan_on_push=False),
            {
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": [
                    {"filterType": "WILDCARD", "filter": "latest"},
                    {"filterType": "WILDCARD", "filter": "1*"},
                ],
                "imageScanningConfiguration": {"scanOnPush": False},
                "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": "alias/a"},
            },
        ),
    ],
)
def test_how_a_repository_is_created(wanted: WantedRepository, expected: dict[str, Any]) -> None:
    client, aws = opened({"CreateRepository": {"repository": DESCRIBED}})
    assert client.create(wanted) == RepositoryState(REPOSITORY)
    assert aws.log == [("CreateRepository", {"repositoryName": "team/app", **expected})]


def test_a_repository_that_another_pipeline_created_meanwhile_is_taken() -> None:
    exists = refused("RepositoryAlreadyExistsException")
    wanted = WantedRepository("MUTABLE", ())
    client, _ = opened({"CreateRepository": exists, "DescribeRepositories": {"repositories": [DESCRIBED]}})
    assert client.create(wanted) == RepositoryState(REPOSITORY)
    client, _ = opened({"CreateRepository": exists, "DescribeRepositories": MISSING})
    with pytest.raises(AwsRefusedError, match="RepositoryAlreadyExists"):
        client.create(wanted)


def test_tags_are_asked_for_in_batches_that_the_api_takes() -> None:
    tags = [Tag(f"1.{number}") for number in range(250)]

    def some(parameters: dict[str, Any]) -> dict[str, Any]:
        return {
            "images": [{"imageId": {**one, "imageDigest": ONE.value}} for one in parameters["imageIds"][1:]]
        }

    client, aws = opened({"BatchGetImage": some, "BatchDeleteImage": {"imageIds": []}})
    found = client.digests(tags)
    assert set(tags) - set(found) == {tags[0], tags[100], tags[200]}
    client.remove_tags(tags)
    assert [len(parameters["imageIds"]) for _, parameters in aws.log] == [100, 100, 50] * 2


def test_tags_and_images_are_read_to_the_last_page() -> None:
    listed = [{"imageIds": [{"imageTag": "1.0"}, {}], "nextToken": "x"}, {"imageIds": [{"imageTag": "1.1"}]}]
    image = {"imageDigest": ONE.value, "imageTags": ["1.0"], "imagePushedAt": START}
    client, aws = opened({"ListImages": listed, "DescribeImages": {"imageDetails": [image]}})
    assert client.tag_names() == {"1.0", "1.1"}
    assert [one.tags for one in client.images()] == [{"1.0"}]
    assert client.tags_of(ONE) == {Tag("1.0")}
    assert [parameters.get("filter") for _, parameters in aws.log] == [{"tagStatus": "TAGGED"}] * 3 + [None]


def test_an_image_that_is_not_visible_yet_is_asked_for_again() -> None:
    one = manifest("one")
    image = {"imageManifest": one.body, "imageManifestMediaType": OCI_MANIFEST}
    client, aws = opened({"BatchGetImage": [{"images": []}, {"images": [image]}]})
    assert client.manifest(one.digest) == one
    assert len(aws.log) == 2


def test_an_image_that_never_appears_is_an_error() -> None:
    failure = {"failureCode": "ImageNotFound", "failureReason": "not found"}
    client, aws = opened({"BatchGetImage": {"images": [], "failures": [failure]}})
    with pytest.raises(RegistryError, match="is not in the registry") as caught:
        client.manifest(ONE)
    assert caught.value.why == "ImageNotFound: not found"
    assert len(aws.log) == VISIBLE_ATTEMPTS


OF_REGISTRY = "GetRegistryScanningConfiguration"
OF_REPOSITORY = "BatchGetRepositoryScanningConfiguration"


@pytest.mark.parametrize(
    ("scan_type", "configurations", "scanning"),
    [
        ("BASIC", [{"scanFrequency": "SCAN_ON_PUSH"}], Scanning("basic", "SCAN_ON_PUSH")),
        ("ENHANCED", [{"scanFrequency": "CONTINUOUS_SCAN"}], Scanning("enhanced", "CONTINUOUS_SCAN")),
        ("ENHANCED", [], Scanning("enhanced", "")),
        ("SOMETHING_NEW", [], Scanning("unknown", "")),
    ],
)
def test_how_the_registry_scans(scan_type: str, configurations: list[Any], scanning: Scanning) -> None:
    client, _ = opened(
        {
            OF_REGISTRY: {"scanningConfiguration": {"scanType": scan_type}},
            OF_REPOSITORY: {"scanningConfigurations": configurations},
        }
    )
    assert client.scanning() == scanning


def test_a_scanning_configuration_that_cannot_be_read_is_unknown() -> None:
    client, _ = opened({})
    assert client.scanning() == Scanning("unknown")
    client, aws = opened({"GetCallerIdentity": {"Account": "111122223333"}}, "123456789012")
    assert client.scanning() == Scanning("unknown")
    assert aws.operations == ["GetCallerIdentity"]
