"""boto3 and the AWS CLI against a running sandbox, with nothing but its environment."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError

from ecr_push.sandbox.identity import DENIED_ACCESS_KEY_ID
from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support import sdk_js

ACCOUNT = "123456789012"
REGION = "eu-west-1"
APP = {"repositoryName": "team/app"}
AWS = Path(sys.executable).with_name("aws")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(account=ACCOUNT, region=REGION, scan_delay=0.0)) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def _environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What `ecr-push sandbox` prints, and after the test a sandbox as it was."""
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    yield
    steer(sandbox, "DELETE", "scenario")
    for client in (boto3.client("ecr"), boto3.client("ecr-public", region_name="us-east-1")):
        for repository in client.describe_repositories()["repositories"]:
            client.delete_repository(repositoryName=repository["repositoryName"], force=True)
        client.close()


@pytest.fixture
def ecr() -> Iterator[Any]:
    client = boto3.client("ecr", config=Config(retries={"total_max_attempts": 1}))
    yield client
    client.close()


@pytest.fixture
def app(ecr: Any) -> Any:
    ecr.create_repository(**APP)
    return ecr


def steer(sandbox: Sandbox, method: str, what: str, body: str = "") -> Any:
    request = urllib.request.Request(
        f"{sandbox.url}/_sandbox/{what}",
        body.encode() or None,
        {"Authorization": f"Bearer {sandbox.environment['ECR_SANDBOX_TOKEN']}"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=300) as response:
        return json.loads(response.read() or b"null")


def aws(*arguments: str) -> Any:
    """The AWS CLI's answer; AssertionError with its words where it fails."""
    ran = subprocess.run([AWS, "--output", "json", *arguments], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout) if ran.stdout.strip() else None


def test_the_sdk_for_javascript_finds_the_credentials(app: Any, sandbox: Sandbox) -> None:
    """It leaves out the keys of the environment where AWS_PROFILE is set: the profile has to have them."""
    token, names = sdk_js.log_in()
    user, _, password = base64.b64decode(token).decode().partition(":")
    assert sandbox.tokens.check(user, password, "private") == "valid"
    assert names == ["team/app"]


@pytest.mark.parametrize("given", ["the profile", "the variables"])
def test_the_profile_or_the_variables_are_enough(
    app: Any, sandbox: Sandbox, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_out = {
        "the profile": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        "the variables": ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"),
    }
    for name in left_out[given]:
        monkeypatch.delenv(name)
    [repository] = boto3.Session().client("ecr").describe_repositories()["repositories"]
    assert repository["repositoryName"] == "team/app"
    assert aws("sts", "get-caller-identity")["Account"] == ACCOUNT
    assert sdk_js.log_in()[1] == ["team/app"]


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    found: str = error.value.response["Error"]["Code"]
    return found


def upload(client: Any, content: bytes, part: int = 1 << 20) -> dict[str, Any]:
    """A layer by the API's own upload operations, in parts, unless it is there; its descriptor."""
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    [layer] = client.batch_check_layer_availability(**APP, layerDigests=[digest])["layers"]
    if layer["layerAvailability"] == "AVAILABLE":
        return {"digest": digest, "size": layer["layerSize"]}
    upload_id = client.initiate_layer_upload(**APP)["uploadId"]
    for first in range(0, len(content), part):
        blob = content[first : first + part]
        client.upload_layer_part(
            **APP,
            uploadId=upload_id,
            partFirstByte=first,
            partLastByte=first + len(blob) - 1,
            layerPartBlob=blob,
        )
    client.complete_layer_upload(**APP, uploadId=upload_id, layerDigests=[digest])
    return {"digest": digest, "size": len(content)}


def manifest(client: Any, content: str) -> str:
    config = {"mediaType": "application/vnd.oci.image.config.v1+json", **upload(client, b'{"os": "linux"}')}
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar", **upload(client, content.encode())}
    media_type = "application/vnd.oci.image.manifest.v1+json"
    document = {"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": [layer]}
    return json.dumps(document, indent=2)


def push(client: Any, tag: str) -> str:
    answer = client.put_image(**APP, imageManifest=manifest(client, tag), imageTag=tag)
    digest: str = answer["image"]["imageId"]["imageDigest"]
    return digest


def test_the_callers_identity() -> None:
    expected = f"arn:aws:iam::{ACCOUNT}:user/sandbox"
    assert boto3.client("sts").get_caller_identity()["Arn"] == expected
    assert aws("sts", "get-caller-identity")["Arn"] == expected


def test_a_role_works_like_its_user() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/release"
    answer = boto3.client("sts").assume_role(RoleArn=arn, RoleSessionName="build-7")
    credentials = answer["Credentials"]
    session = boto3.Session(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]
    )
    assert session.client("sts").get_caller_identity()["Arn"] == (
        f"arn:aws:sts::{ACCOUNT}:assumed-role/release/build-7"
    )
    assert session.client("ecr").describe_repositories()["repositories"] == []


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("AKIAUNKNOWN000000000", "UnrecognizedClientException"),
        (DENIED_ACCESS_KEY_ID, "AccessDeniedException"),
    ],
)
def test_wrong_credentials(key: str, expected: str) -> None:
    client = boto3.client("ecr", aws_access_key_id=key, aws_secret_access_key="dummy")
    with pytest.raises(ClientError) as error:
        client.describe_repositories()
    assert code(error) == expected


def test_an_error_is_the_clients_own_exception(ecr: Any) -> None:
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException) as error:
        ecr.describe_images(**APP)
    assert f"in the registry with id '{ACCOUNT}'" in str(error.value)
    with pytest.raises(ClientError) as missing:
        boto3.client("sts").get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")
    assert code(missing) == "NotImplementedBySandbox"


def test_a_repository_with_every_setting_by_the_cli(ecr: Any) -> None:
    created = aws(
        "ecr",
        "create-repository",
        "--repository-name=team/app",
        "--image-tag-mutability=IMMUTABLE_WITH_EXCLUSION",
        "--image-tag-mutability-exclusion-filters",
        "filterType=WILDCARD,filter=latest",
        "filterType=WILDCARD,filter=candidate-*",
        "--image-scanning-configuration=scanOnPush=true",
        "--encryption-configuration=encryptionType=KMS",
        "--tags=Key=team,Value=a",
    )["repository"]
    [described] = ecr.describe_repositories(repositoryNames=["team/app"])["repositories"]
    assert described["repositoryArn"] == created["repositoryArn"]
    assert described["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert [it["filter"] for it in described["imageTagMutabilityExclusionFilters"]] == [
        "latest",
        "candidate-*",
    ]
    assert ecr.list_tags_for_resource(resourceArn=described["repositoryArn"])["tags"] == [
        {"Key": "team", "Value": "a"}
    ]


def test_the_cli_pushes_retags_and_reads_an_image(app: Any) -> None:
    digest = push(app, "candidate-1")
    [image] = app.batch_get_image(**APP, imageIds=[{"imageDigest": digest}])["images"]
    app.put_image(
        **APP,
        imageManifest=image["imageManifest"],
        imageManifestMediaType=image["imageManifestMediaType"],
        imageDigest=digest,
        imageTag="1.4.2",
    )
    [detail] = aws("ecr", "describe-images", "--repository-name=team/app")["imageDetails"]
    assert (detail["imageDigest"], detail["imageTags"]) == (digest, ["1.4.2", "candidate-1"])
    [read] = aws("ecr", "batch-get-image", "--repository-name=team/app", "--image-ids=imageTag=1.4.2")[
        "images"
    ]
    assert f"sha256:{hashlib.sha256(read['imageManifest'].encode()).hexdigest()}" == digest


def test_a_layer_in_parts_is_downloaded_whole_by_its_link(app: Any) -> None:
    content = os.urandom(2_500_000)
    layer = upload(app, content)
    url = app.get_download_url_for_layer(**APP, layerDigest=layer["digest"])["downloadUrl"]
    with urllib.request.urlopen(url, timeout=300) as response:
        assert response.read() == content


def test_paginators_read_everything(app: Any) -> None:
    for number in range(5):
        push(app, f"1.{number}")
    pages = app.get_paginator("list_images").paginate(**APP, PaginationConfig={"PageSize": 2})
    assert len(list(pages)) == 3
    listed = aws("ecr", "list-images", "--repository-name=team/app", "--page-size=2")["imageIds"]
    assert [it["imageTag"] for it in listed] == [f"1.{number}" for number in range(5)]


def test_a_token_opens_the_registry_and_a_wrong_one_does_not(ecr: Any) -> None:
    [data] = ecr.get_authorization_token()["authorizationData"]

    def status(token: str) -> int:
        headers = {"Authorization": f"Basic {token}"}
        request = urllib.request.Request(f"{data['proxyEndpoint']}/v2/", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=300) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    assert status(data["authorizationToken"]) == 200
    assert status(base64.b64encode(b"AWS:wrong").decode()) == 401


def test_the_cli_logs_in(sandbox: Sandbox) -> None:
    ran = subprocess.run([AWS, "ecr", "get-login-password"], capture_output=True, text=True, timeout=300)
    assert sandbox.tokens.check("AWS", ran.stdout.strip(), "private") == "valid"


def test_a_scan_by_the_cli(app: Any) -> None:
    digest = push(app, "1.0")
    image = ("--repository-name=team/app", f"--image-id=imageDigest={digest}")
    with pytest.raises(app.exceptions.ScanNotFoundException):
        app.describe_image_scan_findings(**APP, imageId={"imageDigest": digest})
    assert aws("ecr", "start-image-scan", *image)["imageScanStatus"]["status"] == "IN_PROGRESS"
    # The layer is not an archive: a scan that cannot read an image fails, and does not pass.
    answer = aws("ecr", "describe-image-scan-findings", *image)
    assert answer["imageScanStatus"]["status"] == "FAILED"


def test_a_public_repository(sandbox: Sandbox) -> None:
    client = boto3.client("ecr-public", region_name="us-east-1")
    created = client.create_repository(**APP)["repository"]
    assert created["repositoryUri"] == f"{sandbox.public_host}/{sandbox.state.alias}/team/app"
    digest = push(client, "1.0")
    [detail] = aws("ecr-public", "describe-images", "--repository-name=team/app", "--region=us-east-1")[
        "imageDetails"
    ]
    assert detail["imageDigest"] == digest
    assert client.get_authorization_token()["authorizationData"]["authorizationToken"]
    with pytest.raises(ClientError) as error:
        boto3.client("ecr-public", region_name="eu-west-1", endpoint_url=sandbox.url).describe_registries()
    assert code(error) == "InvalidSignatureException"
    client.close()


def test_throttling_is_retried_by_boto3(sandbox: Sandbox) -> None:
    steer(sandbox, "DELETE", "requests")
    steer(sandbox, "PUT", "scenario", "faults: [{operation: DescribeRegistry, error: ThrottlingException}]")
    assert boto3.client("ecr").describe_registry()["registryId"] == ACCOUNT
    assert steer(sandbox, "GET", "requests")["api"] == {"DescribeRegistry": 2}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("status: 503", "ServiceUnavailable"),
        ("error: ServerException", "ServerException"),
        ("error: ThrottlingException", "ThrottlingException"),
    ],
)
def test_a_fault_is_what_the_client_sees(sandbox: Sandbox, ecr: Any, fault: str, expected: str) -> None:
    steer(sandbox, "PUT", "scenario", f"faults: [{{operation: DescribeRegistry, {fault}}}]")
    with pytest.raises(ClientError) as error:
        ecr.describe_registry()
    assert code(error) == expected
    assert ecr.describe_registry()["registryId"] == ACCOUNT


def test_a_connection_dropped_before_the_request(sandbox: Sandbox, ecr: Any) -> None:
    steer(sandbox, "PUT", "scenario", "faults: [{operation: CreateRepository, drop: before}]")
    with pytest.raises(HTTPClientError):
        ecr.create_repository(**APP)
    assert ecr.describe_repositories()["repositories"] == []


def test_a_connection_dropped_during_the_answer(sandbox: Sandbox, ecr: Any) -> None:
    """botocore 1.44 treats half a response as an empty one, without an error."""
    steer(sandbox, "PUT", "scenario", "faults: [{operation: CreateRepository, drop: during}]")
    with contextlib.suppress(HTTPClientError):
        assert "repository" not in ecr.create_repository(**APP)
    assert len(ecr.describe_repositories()["repositories"]) == 1


def test_an_invalid_scenario_is_refused_with_every_problem(sandbox: Sandbox) -> None:
    with pytest.raises(urllib.error.HTTPError) as error:
        steer(sandbox, "PUT", "scenario", "{faults: [{operation: PutImge, error: X}], colour: red}")
    with error.value as answer:
        problems = json.loads(answer.read())["problems"]
    assert len(problems) == 2
    assert "did you mean 'PutImage'?" in problems[1]
