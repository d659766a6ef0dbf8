"""ECR Public. The clients are botocore's own, which check every parameter; only the wire is stubbed."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ecr_push.base.errors import RegistryError, ScanError
from ecr_push.base.reference import PUBLIC_REGION, Tag, parse_repository
from ecr_push.registry.interface import Login, RepositoryState, Scanning, WantedRepository
from ecr_push.registry.public import PublicRepository
from tests.support.aws import StubAws, refused
from tests.support.fakes import START, FakeClock, digest

URI = "public.ecr.aws/acme/app"
HERE = parse_repository(URI)
ONE = digest("one")
REGISTRIES = {
    "registries": [
        {"registryUri": "public.ecr.aws/acme", "aliases": [{"name": "acme"}, {"name": "a1b2c3d4"}]}
    ]
}


def opened(answers: dict[str, Any], name: str = "acme/app") -> tuple[PublicRepository, StubAws]:
    aws = StubAws(answers)
    return PublicRepository(aws, name, FakeClock()), aws


def described(uri: str = URI) -> dict[str, Any]:
    return {"repositories": [{"repositoryUri": uri}]}


def test_the_api_is_in_one_region_and_takes_the_name_without_the_alias() -> None:
    client, aws = opened({"DescribeRepositories": described()})
    assert client.describe() == RepositoryState(HERE)
    assert aws.log == [("DescribeRepositories", {"repositoryNames": ["app"]})]
    assert aws.client("ecr-public", region=PUBLIC_REGION).meta.region_name == "us-east-1"


def test_the_login_is_for_the_public_host() -> None:
    token = base64.b64encode(b"AWS:dummy").decode()
    client, _ = opened(
        {"GetAuthorizationToken": {"authorizationData": {"authorizationToken": token, "expiresAt": START}}}
    )
    assert client.login() == Login("public.ecr.aws", "AWS", "dummy", START)


def test_where_a_repository_is_before_it_exists() -> None:
    client, aws = opened(
        {"DescribeRepositories": refused("RepositoryNotFoundException"), "DescribeRegistries": REGISTRIES}
    )
    assert client.describe() is None
    assert client.locate() == HERE
    assert aws.operations == ["DescribeRepositories", "DescribeRegistries"]


def test_once_it_is_described_where_it_is_needs_no_call() -> None:
    client, aws = opened({"DescribeRepositories": described()})
    client.describe()
    assert client.locate() == HERE
    assert aws.operations == ["DescribeRepositories"]


def test_an_alias_of_another_account_is_an_error() -> None:
    answers = {"DescribeRepositories": described(), "DescribeRegistries": REGISTRIES}
    client, _ = opened(answers, "someone/app")
    with pytest.raises(RegistryError, match="the public registry someone is not this account's") as caught:
        client.describe()
    assert "acme, a1b2c3d4" in caught.value.why
    second, _ = opened(answers, "a1b2c3d4/app")
    assert second.describe() == RepositoryState(HERE)


def test_a_repository_is_created_by_its_name_alone() -> None:
    client, aws = opened({"CreateRepository": {"repository": {"repositoryUri": URI}}})
    assert client.create(WantedRepository("IMMUTABLE", ("latest",), "alias/a")) == RepositoryState(HERE)
    assert client.locate() == HERE
    assert aws.log == [("CreateRepository", {"repositoryName": "app"})]


def test_a_repository_that_another_pipeline_created_meanwhile_is_taken() -> None:
    client, _ = opened(
        {"CreateRepository": refused("RepositoryAlreadyExistsException"), "DescribeRepositories": described()}
    )
    assert client.create(WantedRepository("MUTABLE", ())) == RepositoryState(HERE)


def test_tags_and_images() -> None:
    tags = [{"imageTag": "1.0", "imageDetail": {"imageDigest": ONE.value}}]
    image = {"imageDigest": ONE.value, "imageTags": ["1.0"], "imagePushedAt": START}
    client, aws = opened(
        {"DescribeImageTags": {"imageTagDetails": tags}, "DescribeImages": {"imageDetails": [image, {}]}}
    )
    assert client.digests([Tag("1.0"), Tag("2.0")]) == {Tag("1.0"): ONE}
    assert client.digests([]) == {}
    assert client.tag_names() == {"1.0"}
    assert [one.tags for one in client.images()] == [{"1.0"}]
    assert aws.operations == ["DescribeImageTags", "DescribeImageTags", "DescribeImages"]


@pytest.mark.parametrize("capability", ["scans", "inspector"])
def test_what_ecr_public_lacks_is_an_error_that_names_it(capability: str) -> None:
    client, aws = opened({})
    with pytest.raises(ScanError, match="ECR Public has no vulnerability scanning"):
        getattr(client, capability)
    assert client.scanning() == Scanning("none")
    assert aws.log == []
