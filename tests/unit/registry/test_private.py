"""A private registry. The clients are botocore's own, which check parameters; only the wire is stubbed."""

from __future__ import annotations

import base64
import itertools
from typing import Any

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Tag
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.archive import ArchivedImageError
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


def test_a_repository_that_is_there_since_an_answer_was_lost_gets_its_policies_all_the_same() -> None:
    client, aws = opened(
        {
            "CreateRepository": refused("RepositoryAlreadyExistsException"),
            "DescribeRepositories": {"repositories": [DESCRIBED]},
            "PutLifecyclePolicy": {"repositoryName": "team/app"},
            "SetRepositoryPolicy": {"repositoryName": "team/app"},
        }
    )
    lifecycle = "{}".ljust(100)  # as long as ECR wants it
    client.create(WantedRepository("MUTABLE", (), lifecycle=lifecycle, policy="[]"))
    assert aws.log[-2:] == [
        ("PutLifecyclePolicy", {"repositoryName": "team/app", "lifecyclePolicyText": lifecycle}),
        ("SetRepositoryPolicy", {"repositoryName": "team/app", "policyText": "[]"}),
    ]


def test_tags_are_asked_for_in_batches_that_the_api_takes() -> None:
    tags = [Tag(f"1.{number}") for number in range(250)]

    def some(parameters: dict[str, Any]) -> dict[str, Any]:
        return {
            "images": [{"imageId": {**one, "imageDigest": ONE.value}} for one in parameters["imageIds"][1:]]
        }

    nothing = {"ListImages": {"imageIds": []}}
    client, aws = opened({"BatchGetImage": some, "BatchDeleteImage": {"imageIds": []}, **nothing})
    found = client.digests(tags)
    assert set(tags) - set(found) == {tags[0], tags[100], tags[200]}
    client.remove_tags(tags)
    asked = [(name, len(given.get("imageIds", []))) for name, given in aws.log]
    assert asked == [
        *(("BatchGetImage", 100), ("BatchGetImage", 100), ("BatchGetImage", 50), *[("ListImages", 0)] * 2),
        *(("BatchDeleteImage", 100), ("BatchDeleteImage", 100), ("BatchDeleteImage", 50)),
    ]
    # Of what is in the archive the second question knows already.
    client.digests(tags[:1])
    assert aws.operations.count("ListImages") == 2


def test_tags_and_images_are_read_to_the_last_page() -> None:
    first, second = ({"imageTag": name, "imageDigest": ONE.value} for name in ("1.0", "1.1"))
    listed = [{"imageIds": [first, {}], "nextToken": "x"}, {"imageIds": [second]}]
    image = {"imageDigest": ONE.value, "imageTags": ["1.0"], "imagePushedAt": START}
    client, aws = opened({"ListImages": listed, "DescribeImages": {"imageDetails": [image]}})
    assert client.tag_names() == {"1.0", "1.1"}
    assert [one.tags for one in client.images()] == [{"1.0"}]
    assert client.tags_of(ONE) == {Tag("1.0")}
    every = {"tagStatus": "TAGGED", "imageStatus": "ANY"}
    assert [parameters.get("filter") for _, parameters in aws.log] == [every] * 3 + [None]


def test_an_image_that_is_not_visible_yet_is_asked_for_again() -> None:
    one = manifest("one")
    image = {"imageManifest": one.body, "imageManifestMediaType": OCI_MANIFEST}
    client, aws = opened({"BatchGetImage": [{"images": []}, {"images": [image]}]})
    assert client.manifest(one.digest) == one
    assert aws.operations.count("BatchGetImage") == 2


def test_an_image_that_never_appears_is_an_error() -> None:
    failure = {"failureCode": "ImageNotFound", "failureReason": "not found"}
    client, aws = opened({"BatchGetImage": {"images": [], "failures": [failure]}})
    with pytest.raises(RegistryError, match="is not in the registry") as caught:
        client.manifest(ONE)
    assert caught.value.why == "ImageNotFound: not found"
    assert aws.operations.count("BatchGetImage") == VISIBLE_ATTEMPTS


ARCHIVED, RESTORED = digest("archived"), digest("restored")


def archive(parameters: dict[str, Any]) -> dict[str, Any]:
    """ListImages of a repository with an archived image, and one that is being restored."""
    named = {"ARCHIVED": ("1.0", ARCHIVED), "ACTIVATING": ("1.1", RESTORED)}
    tag, image = named[parameters["filter"]["imageStatus"]]
    untagged = {"imageDigest": digest(f"untagged {tag}").value}
    return {"imageIds": [{"imageTag": tag, "imageDigest": image.value}, untagged]}


def failing(code: str) -> Any:
    """BatchGetImage, of which all images but `latest` fail with this code."""

    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        ids = parameters["imageIds"]
        there = [one for one in ids if one.get("imageTag") == "latest"]
        return {
            "images": [{"imageId": {**one, "imageDigest": ONE.value}} for one in there],
            "failures": [{"imageId": one, "failureCode": code} for one in ids if one not in there],
        }

    return answer


@pytest.mark.parametrize("code", ["ImageNotFound", "ImageInaccessible"])
def test_a_tag_of_an_archived_image_is_not_absent(code: str) -> None:
    """Which of the codes ECR answers for it is documented nowhere."""
    client, _ = opened({"BatchGetImage": failing(code), "ListImages": archive})
    tags = [Tag("1.0"), Tag("latest"), Tag("1.1")]
    assert client.digests(tags) == {Tag("1.0"): ARCHIVED, Tag("latest"): ONE, Tag("1.1"): RESTORED}
    assert client.digests([Tag("1.0")]) == {Tag("1.0"): ARCHIVED}
    if code == "ImageNotFound":
        assert client.digests([Tag("1.2")]) == {}
    else:
        with pytest.raises(RegistryError, match=r"1\.2: ImageInaccessible"):
            client.digests([Tag("1.0"), Tag("1.2")])


@pytest.mark.parametrize(
    "code", ["KmsError", "UpstreamAccessDenied", "UpstreamUnavailable", "InvalidImageTag"]
)
def test_no_other_failure_means_that_a_tag_is_free(code: str) -> None:
    client, _ = opened({"BatchGetImage": failing(code), "ListImages": archive})
    with pytest.raises(RegistryError, match=f"1.0: {code}"):
        client.digests([Tag("1.0")])
    with pytest.raises(RegistryError, match=code):
        client.manifest(ARCHIVED)


@pytest.mark.parametrize(
    ("image", "registry_id", "what", "remedy"),
    [
        (
            ARCHIVED,
            "",
            "is archived",
            f"update-image-storage-class --repository-name team/app --image-id imageDigest={ARCHIVED} ",
        ),
        (ARCHIVED, "123456789012", "is archived", "--registry-id 123456789012 --repository-name team/app"),
        (RESTORED, "", "is being restored", "wait until it is restored"),
        (digest("untagged 1.0"), "", "is archived", "restore it"),
    ],
)
def test_an_archived_image_is_an_error_that_says_how_to_restore_it(
    image: Any, registry_id: str, what: str, remedy: str
) -> None:
    client, aws = opened({"BatchGetImage": failing("ImageNotFound"), "ListImages": archive}, registry_id)
    with pytest.raises(ArchivedImageError, match=what) as caught:
        client.manifest(image)
    assert remedy in caught.value.remedy
    assert aws.operations.count("BatchGetImage") == 1


def test_an_image_that_our_own_push_restored_is_waited_for() -> None:
    one = manifest("one")
    image = {"imageManifest": one.body, "imageManifestMediaType": OCI_MANIFEST}
    archived = {"imageIds": [{"imageTag": "1.0", "imageDigest": one.digest.value}]}
    nothing = {"imageIds": []}
    client, _ = opened(
        {
            "BatchGetImage": [{"images": []}, {"images": []}, {"images": [image]}],
            "ListImages": [archived, nothing, nothing],
        }
    )
    assert client.digests([Tag("1.0")]) == {Tag("1.0"): one.digest}
    assert client.manifest(one.digest) == one


def test_the_archive_is_asked_for_while_something_else_is_done() -> None:
    client, aws = opened({"BatchGetImage": failing("ImageNotFound"), "ListImages": archive})
    client.look_up_archive()
    for _ in range(2):
        assert client.digests([Tag("1.0"), Tag("1.2")]) == {Tag("1.0"): ARCHIVED}
    assert aws.operations.count("ListImages") == 2  # one for each status


def test_what_could_not_be_asked_before_the_repository_existed_is_asked_again() -> None:
    missing = AwsRefusedError("RepositoryNotFoundException", "it does not exist", "ecr:ListImages", 400)
    asked = itertools.count()  # by two threads

    def created_later(parameters: dict[str, Any]) -> dict[str, Any]:
        if next(asked) == 0:
            raise missing
        return archive(parameters)

    client, _ = opened({"BatchGetImage": failing("ImageNotFound"), "ListImages": created_later})
    client.look_up_archive()
    assert client.digests([Tag("1.0")]) == {Tag("1.0"): ARCHIVED}


def test_without_the_permission_to_list_it_is_as_before_the_archive() -> None:
    client, _ = opened({"BatchGetImage": failing("ImageNotFound")})
    assert client.digests([Tag("1.0"), Tag("latest")]) == {Tag("latest"): ONE}


def test_an_sdk_from_before_the_archive_does_not_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RepositoryApi, "takes", lambda *_: False)
    answers = {"BatchGetImage": failing("ImageNotFound"), "ListImages": {"imageIds": []}}
    client, aws = opened({**answers, "DescribeImages": {"imageDetails": []}})
    assert client.digests([Tag("1.0")]) == {}
    client.tag_names(), client.images()
    filters = [given["filter"] for name, given in aws.log if name != "BatchGetImage"]
    assert filters == [{"tagStatus": "TAGGED"}] * 2


def test_what_an_sdk_takes() -> None:
    client, _ = opened({})
    assert client._api.takes("list_images", "filter", "imageStatus")
    assert not client._api.takes("list_images", "filter", "other")
    assert not client._api.takes("list_images", "other", "imageStatus")


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
