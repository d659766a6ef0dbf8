"""What builds and pushes on the way to a deployment: the CDK's assets, and the SAM CLI."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ecr_push.sandbox.model import Mutability
from ecr_push.sandbox.server import Sandbox
from tests.support.images import CLEAN
from tests.support.independent_clients import Program
from tests.support.registry import Client, Registry

pytestmark = pytest.mark.usefixtures("engine")

ASSETS = "cdk-hnb659fds-container-assets-123456789012-us-east-1"


def write(folder: Path) -> None:
    """The context of an image."""
    for name, text in CLEAN.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def test_cdk_assets_publishes_an_image_once(
    program: Callable[..., Program], sandbox: Sandbox, client: Client, registry: Registry
) -> None:
    """Into the repository of a bootstrapped account, whose tags are immutable: later it finds it there."""
    registry.create(ASSETS, mutability=Mutability("IMMUTABLE"))
    assets = program("cdk-assets", "node_modules/.bin")
    write(assets.folder / "cdk.out" / "asset.one")
    destination = {"repositoryName": ASSETS, "imageTag": "one", "region": "us-east-1"}
    image = {"source": {"directory": "asset.one"}, "destinations": {"current": destination}}
    manifest = assets.folder / "cdk.out" / "App.assets.json"
    manifest.write_text(json.dumps({"version": "36.0.0", "files": {}, "dockerImages": {"one": image}}))
    for _ in range(2):
        assets.ask("cdk-assets", "publish", "--path", manifest)
    assert sandbox.faults.requests()["v2"]["PutManifest"] == 1
    name = f"{sandbox.host}/{ASSETS}:one"
    config = json.loads(client.ask("crane", "config", name))
    assert config["history"][-1]["created_by"].startswith("COPY rootfs /")
    client.ask("docker", "image", "rm", "--force", "cdkasset-one")


def test_sam_packages_a_function(
    program: Callable[..., Program], sandbox: Sandbox, client: Client, registry: Registry
) -> None:
    registry.create("sam/hello")
    sam = program("sam", SAM_CLI_TELEMETRY="0")
    write(sam.folder / "hello")
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {"PackageType": "Image", "Architectures": ["x86_64"]},
        "Metadata": {"Dockerfile": "Dockerfile", "DockerContext": "./hello", "DockerTag": "v1"},
    }
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Hello": function},
    }
    (sam.folder / "template.json").write_text(json.dumps(template))
    sam.ask("sam", "build", "--template-file", "template.json")
    repository = f"{sandbox.host}/sam/hello"
    packaged = ("--image-repository", repository, "--use-json", "--output-template-file", "packaged.json")
    for _ in range(2):
        sam.ask("sam", "package", *packaged)
    written = json.loads((sam.folder / "packaged.json").read_text())
    uri = written["Resources"]["Hello"]["Properties"]["ImageUri"]
    assert uri.startswith(f"{repository}:hello-")
    [image] = json.loads(
        client.ask("aws", "ecr", "describe-images", "--repository-name", "sam/hello", "--output", "json")
    )["imageDetails"]
    assert client.ask("crane", "digest", uri) == image["imageDigest"]
    client.ask("docker", "image", "rm", "--force", "hello:v1")
