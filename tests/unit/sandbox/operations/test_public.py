"""What ECR Public has of its own."""

from __future__ import annotations

import base64
import hashlib

from tests.support.sandbox.api import ACCOUNT, NOW, Api

APP = {"repositoryName": "app"}
LOGO = b"\x89PNG a logo"


def test_a_public_repository_is_led_by_the_alias(api: Api) -> None:
    catalog = {"description": "An app", "architectures": ["x86-64"]}
    answer = api.public("CreateRepository", **APP, catalogData=catalog, tags=[{"Key": "a", "Value": "1"}])
    arn = f"arn:aws:ecr-public::{ACCOUNT}:repository/app"
    repository = {
        "repositoryArn": arn,
        "registryId": ACCOUNT,
        **APP,
        "repositoryUri": "127.0.0.1:5001/alias/app",
        "createdAt": NOW,
    }
    assert answer == {"repository": repository, "catalogData": catalog}
    assert api.public("DescribeRepositories")["repositories"] == [repository]
    assert api.public("ListTagsForResource", resourceArn=arn)["tags"] == [{"Key": "a", "Value": "1"}]
    assert api.call("DescribeRepositories")["repositories"] == []
    api.public("PutRepositoryCatalogData", **APP, catalogData={"aboutText": "About"})
    assert api.public("GetRepositoryCatalogData", **APP)["catalogData"] == {**catalog, "aboutText": "About"}
    assert api.public("DeleteRepository", **APP)["repository"] == repository
    assert api.refused("DescribeImages", "ecr-public", **APP)[0] == "RepositoryNotFoundException"


def test_a_logo_is_given_back_as_an_address(api: Api) -> None:
    """At which it is served: test_logos."""
    api.public("CreateRepository", **APP)
    assert api.public("GetRepositoryCatalogData", **APP)["catalogData"] == {}
    logo = base64.b64encode(LOGO).decode()
    answer = api.public("PutRepositoryCatalogData", **APP, catalogData={"logoImageBlob": logo})
    address = f"http://127.0.0.1:5001/logo/{hashlib.sha256(LOGO).hexdigest()}"
    assert answer["catalogData"] == {"logoUrl": address}
    assert api.public("GetRepositoryCatalogData", **APP) == answer
    code, message = api.refused(
        "PutRepositoryCatalogData", "ecr-public", **APP, catalogData={"architectures": ["x" * 51]}
    )
    assert code == "InvalidParameterException"
    assert "architectures" in message


def test_the_registrys_own_catalogue(api: Api) -> None:
    assert api.public("GetRegistryCatalogData") == {"registryCatalogData": {}}
    named = {"registryCatalogData": {"displayName": "Acme"}}
    assert api.public("PutRegistryCatalogData", displayName="Acme") == named
    assert api.public("GetRegistryCatalogData") == named
    assert api.refused("PutRegistryCatalogData", "ecr-public", displayName="x" * 101)[0] == (
        "InvalidParameterException"
    )


def test_the_registry_has_an_alias(api: Api) -> None:
    [registry] = api.public("DescribeRegistries")["registries"]
    assert registry["registryUri"] == "127.0.0.1:5001/alias"
    assert [alias["name"] for alias in registry["aliases"]] == ["alias"]


def test_public_images(api: Api) -> None:
    api.public("CreateRepository", **APP)
    manifest = api.manifest("app", "one", kind="public")
    digest = api.public("PutImage", **APP, registryId="alias", imageManifest=manifest, imageTag="1.0")[
        "image"
    ]["imageId"]["imageDigest"]
    [detail] = api.public("DescribeImages", **APP)["imageDetails"]
    assert (detail["imageDigest"], detail["imageTags"]) == (digest, ["1.0"])
    [tag] = api.public("DescribeImageTags", **APP)["imageTagDetails"]
    assert (tag["imageTag"], tag["imageDetail"]["imageDigest"]) == ("1.0", digest)
    answer = api.public("BatchDeleteImage", **APP, imageIds=[{"imageTag": "1.0"}])
    assert answer["imageIds"] == [{"imageDigest": digest, "imageTag": "1.0"}]
