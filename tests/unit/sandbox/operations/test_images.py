"""Images over the API: put, got, retagged, listed, described, deleted; layers; referrers."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from ecr_push.sandbox.manifest import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from tests.support.sandbox.api import ACCOUNT, NOW, Api

APP = {"repositoryName": "team/app"}
ABSENT = f"sha256:{'0' * 64}"


def immutable(app: Api, *excluded: str) -> None:
    filters = [{"filterType": "WILDCARD", "filter": pattern} for pattern in excluded]
    setting = "IMMUTABLE_WITH_EXCLUSION" if excluded else "IMMUTABLE"
    more = {"imageTagMutabilityExclusionFilters": filters} if excluded else {}
    app.call("PutImageTagMutability", **APP, imageTagMutability=setting, **more)


def test_an_image_is_put_under_its_digest(app: Api) -> None:
    manifest = app.manifest("team/app", "one")
    digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
    answer = app.call("PutImage", **APP, imageManifest=manifest, imageTag="1.0")
    assert answer["image"] == {
        "registryId": ACCOUNT,
        **APP,
        "imageId": {"imageDigest": digest, "imageTag": "1.0"},
        "imageManifest": manifest,
        "imageManifestMediaType": DOCKER_MANIFEST,
    }


def test_a_retag_keeps_the_manifest_byte_for_byte(app: Api) -> None:
    digest = app.push("team/app", "candidate-1")
    [image] = app.call("BatchGetImage", **APP, imageIds=[{"imageDigest": digest}])["images"]
    assert image["imageId"] == {"imageDigest": digest}
    app.call(
        "PutImage",
        **APP,
        imageManifest=image["imageManifest"],
        imageManifestMediaType=image["imageManifestMediaType"],
        imageDigest=digest,
        imageTag="1.0",
    )
    [detail] = app.call("DescribeImages", **APP)["imageDetails"]
    assert (detail["imageDigest"], detail["imageTags"]) == (digest, ["1.0", "candidate-1"])


def listed(app: Api, status: str = "") -> list[str]:
    chosen = {"filter": {"imageStatus": status}} if status else {}
    return [one["imageTag"] for one in app.call("ListImages", **APP, **chosen)["imageIds"]]


def move(app: Api, tag: str, storage_class: str) -> str:
    answer = app.call(
        "UpdateImageStorageClass", **APP, imageId={"imageTag": tag}, targetStorageClass=storage_class
    )
    return str(answer["imageStatus"])


def test_an_archived_image_keeps_its_tag_and_cannot_be_pulled(app: Api) -> None:
    digest = app.push("team/app", "1.0")
    app.push("team/app", "1.1")
    assert move(app, "1.0", "ARCHIVE") == "ARCHIVED"
    for again in ("1.0", "1.1"):
        wrong = {"imageTag": again}, "ARCHIVE" if again == "1.0" else "STANDARD"
        code, _ = app.refused("UpdateImageStorageClass", **APP, imageId=wrong[0], targetStorageClass=wrong[1])
        assert code == "ImageStorageClassUpdateNotSupportedException"
    assert (listed(app), listed(app, "ARCHIVED"), listed(app, "ACTIVATING")) == (["1.1"], ["1.0"], [])
    assert listed(app, "ANY") == ["1.0", "1.1"]
    [shown] = app.call("DescribeImages", **APP)["imageDetails"]
    assert (shown["imageTags"], shown["imageStatus"]) == (["1.1"], "ACTIVE")
    [shown] = app.call("DescribeImages", **APP, imageIds=[{"imageTag": "1.0"}])["imageDetails"]
    assert (shown["imageStatus"], shown["lastArchivedAt"]) == ("ARCHIVED", NOW)
    for image_id in ({"imageTag": "1.0"}, {"imageDigest": digest}):
        answer = app.call("BatchGetImage", **APP, imageIds=[image_id])
        assert (answer["images"], answer["failures"][0]["failureCode"]) == ([], "ImageNotFound")
    assert app.refused("StartImageScan", **APP, imageId={"imageTag": "1.0"})[0] == "ImageArchivedException"
    scan = app.call("DescribeImageScanFindings", **APP, imageId={"imageTag": "1.0"})
    assert scan["imageScanStatus"]["status"] == "IMAGE_ARCHIVED"


def test_an_image_comes_back_after_a_while_or_with_a_push(app: Api) -> None:
    digest = app.push("team/app", "1.0")
    move(app, "1.0", "ARCHIVE")
    assert move(app, "1.0", "STANDARD") == "ACTIVATING"
    assert (listed(app), listed(app, "ACTIVATING")) == ([], ["1.0"])
    assert app.call("BatchGetImage", **APP, imageIds=[{"imageTag": "1.0"}])["images"] == []
    manifest = app.manifest("team/app", "1.0")
    assert app.push("team/app", "1.0") == digest
    assert listed(app) == ["1.0"]
    [image] = app.call("BatchGetImage", **APP, imageIds=[{"imageDigest": digest}])["images"]
    assert image["imageManifest"] == manifest
    [shown] = app.call("DescribeImages", **APP)["imageDetails"]
    assert (shown["imageStatus"], shown["lastActivatedAt"]) == ("ACTIVE", NOW)


@pytest.mark.parametrize(
    ("excluded", "tag", "content", "code"),
    [
        (None, "1.0", "one", "ImageAlreadyExistsException"),
        ((), "1.0", "two", "ImageTagAlreadyExistsException"),
        ((), "1.0", "one", "ImageTagAlreadyExistsException"),
        (("latest",), "1.0", "two", "ImageTagAlreadyExistsException"),
        (("latest",), "latest", "two", ""),
        (None, "1.0", "two", ""),
    ],
)
def test_a_tag_moves_as_the_repository_allows(
    app: Api, excluded: tuple[str, ...] | None, tag: str, content: str, code: str
) -> None:
    app.push("team/app", "1.0", "latest", content="one")
    if excluded is not None:
        immutable(app, *excluded)
    parameters = {**APP, "imageManifest": app.manifest("team/app", content), "imageTag": tag}
    if code:
        assert app.refused("PutImage", **parameters)[0] == code
    else:
        app.call("PutImage", **parameters)
        assert len(app.call("DescribeImages", **APP)["imageDetails"]) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"imageDigest": ABSENT}, "ImageDigestDoesNotMatchException"),
        ({"imageManifest": "{"}, "InvalidParameterException"),
        ({"imageManifestMediaType": OCI_INDEX}, "InvalidParameterException"),
        ({"imageTag": "a b"}, "InvalidParameterException"),
    ],
)
def test_an_image_with_another_digest_or_type_is_refused(app: Api, change: dict[str, str], code: str) -> None:
    parameters = {**APP, "imageManifest": app.manifest("team/app", "one"), "imageTag": "1.0"} | change
    assert app.refused("PutImage", **parameters)[0] == code


@pytest.mark.parametrize(
    ("without", "more", "words"),
    [
        (
            "mediaType",
            {},
            "'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'",
        ),
        ("layers", {"layers": None}, "layers must not be null"),
        ("config", {"config": None}, "config must not be null"),
        ("layers", {}, "it lacks 'layers'"),
    ],
)
def test_what_a_manifest_lacks_is_said(app: Api, without: str, more: dict[str, None], words: str) -> None:
    manifest = json.loads(app.manifest("team/app", "one"))
    del manifest[without]
    code, message = app.refused("PutImage", **APP, imageManifest=json.dumps({**manifest, **more}))
    assert (code, words in message) == ("InvalidParameterException", True), message


def test_layers_and_children_come_first(app: Api) -> None:
    app.call("CreateRepository", repositoryName="team/other")
    elsewhere = app.manifest("team/other", "one")
    assert app.refused("PutImage", **APP, imageManifest=elsewhere)[0] == "LayersNotFoundException"
    child = {"mediaType": OCI_MANIFEST, "digest": ABSENT, "size": 2}
    index = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [child]})
    assert app.refused("PutImage", **APP, imageManifest=index)[0] == "ReferencedImagesNotFoundException"


@pytest.mark.parametrize(
    ("image_id", "code"),
    [
        ({"imageTag": "2.0"}, "ImageNotFound"),
        ({"imageDigest": ABSENT}, "ImageNotFound"),
        ({}, "MissingDigestAndTag"),
        ({"imageDigest": "sha256"}, "InvalidImageDigest"),
        ({"imageDigest": ABSENT, "imageTag": "1.0"}, "ImageTagDoesNotMatchDigest"),
    ],
)
@pytest.mark.parametrize("operation", ["BatchGetImage", "BatchDeleteImage"])
def test_one_wrong_image_id_does_not_spoil_the_others(
    app: Api, operation: str, image_id: dict[str, str], code: str
) -> None:
    digest = app.push("team/app", "1.0")
    answer = app.call(operation, **APP, imageIds=[image_id, {"imageTag": "1.0"}])
    [failure] = answer["failures"]
    assert (failure["imageId"], failure["failureCode"]) == (image_id, code)
    assert failure["failureReason"]
    found = answer.get("imageIds") or [image["imageId"] for image in answer["images"]]
    assert found == [{"imageDigest": digest, "imageTag": "1.0"}]


def test_the_last_tag_takes_the_image_with_it(app: Api) -> None:
    digest = app.push("team/app", "1.0", "latest")
    for tag, left in (("latest", 1), ("1.0", 0)):
        answer = app.call("BatchDeleteImage", **APP, imageIds=[{"imageTag": tag}])
        assert answer == {"imageIds": [{"imageDigest": digest, "imageTag": tag}], "failures": []}
        assert len(app.call("DescribeImages", **APP)["imageDetails"]) == left


def test_a_digest_takes_all_its_tags_with_it(app: Api) -> None:
    digest = app.push("team/app", "1.0", "latest")
    answer = app.call("BatchDeleteImage", **APP, imageIds=[{"imageDigest": digest}])
    assert [it["imageTag"] for it in answer["imageIds"]] == ["1.0", "latest"]


def test_a_child_of_an_index_cannot_be_deleted(app: Api) -> None:
    child = app.push("team/app", "amd64")
    app.push_index("team/app", "1.0", child)
    answer = app.call("BatchDeleteImage", **APP, imageIds=[{"imageDigest": child}])
    assert [it["failureCode"] for it in answer["failures"]] == ["ImageReferencedByManifestList"]


def test_images_are_listed_tag_by_tag(app: Api) -> None:
    old = app.push("team/app", "latest", content="old")
    new = app.push("team/app", "1.0", "latest", content="new")
    untagged = [{"imageDigest": old}]
    tagged = [{"imageDigest": new, "imageTag": "1.0"}, {"imageDigest": new, "imageTag": "latest"}]
    for status, expected in (("ANY", untagged + tagged), ("TAGGED", tagged), ("UNTAGGED", untagged)):
        assert app.call("ListImages", **APP, filter={"tagStatus": status})["imageIds"] == expected
    assert app.call("ListImages", **APP, filter={"imageStatus": "ARCHIVED"})["imageIds"] == []
    assert app.pages("ListImages", "imageIds", **APP, maxResults=2) == [[*untagged, tagged[0]], [tagged[1]]]


def test_an_image_is_described(app: Api) -> None:
    digest = app.push("team/app", "1.0", "latest", content="one")
    size = len("config of one") + len("layer of one")
    expected: dict[str, Any] = {
        "registryId": ACCOUNT,
        **APP,
        "imageDigest": digest,
        "imageTags": ["1.0", "latest"],
        "imageSizeInBytes": size,
        "imagePushedAt": NOW,
        "imageManifestMediaType": DOCKER_MANIFEST,
        "artifactMediaType": "application/vnd.docker.container.image.v1+json",
        "imageStatus": "ACTIVE",
    }
    assert app.call("DescribeImages", **APP)["imageDetails"] == [expected]
    both = [{"imageTag": "1.0"}, {"imageDigest": digest}]
    assert app.call("DescribeImages", **APP, imageIds=both)["imageDetails"] == [expected]
    app.now += 5
    app.call("BatchGetImage", **APP, imageIds=[{"imageTag": "1.0"}])
    [detail] = app.call("DescribeImages", **APP)["imageDetails"]
    assert detail["lastRecordedPullTime"] == NOW + 5


def test_an_index_is_as_large_as_its_largest_image(app: Api) -> None:
    small, large = app.push("team/app", "s", content="s"), app.push("team/app", "l", content="longer")
    digest = app.push_index("team/app", "1.0", small, large)
    [detail] = app.call("DescribeImages", **APP, imageIds=[{"imageDigest": digest}])["imageDetails"]
    assert detail["imageSizeInBytes"] == len("config of longer") + len("layer of longer")
    assert "artifactMediaType" not in detail


def test_described_images_come_in_pages_or_are_named(app: Api) -> None:
    for tag in "abc":
        app.push("team/app", tag)
    pages = app.pages("DescribeImages", "imageDetails", **APP, maxResults=2, filter={"tagStatus": "TAGGED"})
    assert [[it["imageTags"] for it in page] for page in pages] == [[["a"], ["b"]], [["c"]]]
    named = {**APP, "imageIds": [{"imageTag": "a"}]}
    assert app.refused("DescribeImages", **named, maxResults=2)[0] == "InvalidParameterException"
    assert app.refused("DescribeImages", **APP, imageIds=[{}])[0] == "InvalidParameterException"


def test_an_image_that_is_not_there_is_named(app: Api) -> None:
    code, message = app.refused("DescribeImages", **APP, imageIds=[{"imageTag": "2.0"}])
    assert code == "ImageNotFoundException"
    assert message == (
        "The image with imageId {imageDigest:'null', imageTag:'2.0'} does not exist within the repository "
        f"with name 'team/app' in the registry with id '{ACCOUNT}'"
    )


def test_referrers_are_found_by_their_subject(app: Api) -> None:
    digest = app.push("team/app", "1.0")
    subject = {"mediaType": DOCKER_MANIFEST, "digest": digest, "size": 1}
    for kind in ("application/spdx+json", "application/vnd.example.signature"):
        app.push(
            "team/app",
            content=kind,
            media_type=OCI_MANIFEST,
            artifactType=kind,
            subject=subject,
            annotations={"kind": kind},
        )
    subject_id = {"imageDigest": digest}
    found = app.call("ListImageReferrers", **APP, subjectId=subject_id)["referrers"]
    assert [it["artifactType"] for it in found] == [
        "application/spdx+json",
        "application/vnd.example.signature",
    ]
    chosen = {"artifactTypes": ["application/spdx+json"]}
    [one] = app.call("ListImageReferrers", **APP, subjectId=subject_id, filter=chosen)["referrers"]
    assert (one["annotations"], one["mediaType"]) == ({"kind": "application/spdx+json"}, OCI_MANIFEST)
    [described] = app.call("DescribeImages", **APP, imageIds=[{"imageDigest": one["digest"]}])["imageDetails"]
    assert described["subjectManifestDigest"] == digest
