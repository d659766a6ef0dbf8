"""What a run leaves in the registry, through every client that people have: one digest everywhere."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from ecr_push.sandbox.server import Sandbox
from tests.support import images
from tests.support.command_line import CommandLine, Ended, shows_a_token
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Client, Registry

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def released(cli: CommandLine, project: GitRepository, registry: Registry) -> Ended:
    """v1.4.2 with one CRITICAL finding, released with an allowance for it."""
    project.commit("Add PyYAML", images.VULNERABLE)
    project.git("tag", "--force", "v1.4.2")
    run = cli.run(
        *(project.root, "-r", REPOSITORY, "--create-repository", "--max-findings", "critical=1,high=0")
    )
    assert run.code == 0, run.stderr
    return run


def test_one_digest_everywhere(
    cli: CommandLine, released: Ended, client: Client, sandbox: Sandbox, project: GitRepository
) -> None:
    tagged = f"{sandbox.host}/{REPOSITORY}:1.4.2"
    named = ("--repository-name", REPOSITORY, "--output", "json")

    [image] = json.loads(client.ask("aws", "ecr", "describe-images", *named))["imageDetails"]
    assert image["imageDigest"] == released.digest
    assert set(image["imageTags"]) == {f"sha-{project.head[:12]}", "1.4.2", "1.4", "1", "latest"}

    findings = json.loads(
        client.ask("aws", "ecr", "describe-image-scan-findings", *named, "--image-id", "imageTag=latest")
    )
    assert findings["imageId"]["imageDigest"] == released.digest
    assert findings["imageScanFindings"]["findingSeverityCounts"] == {"CRITICAL": 1}
    [finding] = findings["imageScanFindings"]["findings"]
    assert finding["name"] == released.document["scan"]["platforms"][0]["findings"][0]["id"]

    assert client.ask("crane", "digest", tagged) == released.digest
    pushed = client.ask("crane", "manifest", released.image)
    assert client.ask("crane", "manifest", tagged) == pushed

    inspected = json.loads(
        client.ask("skopeo", "inspect", "--tls-verify=false", f"docker://{released.image}")
    )
    assert inspected["Digest"] == released.digest
    assert inspected["Labels"]["org.opencontainers.image.version"] == "1.4.2"

    described = json.loads(client.ask("oras", "manifest", "fetch", "--plain-http", "--descriptor", tagged))
    assert described["digest"] == released.digest

    client.ask("docker", "pull", "--quiet", released.image)
    held = json.loads(client.ask("docker", "image", "inspect", released.image))[0]
    assert released.image in held["RepoDigests"]
    history = client.ask("docker", "history", "--no-trunc", "--format", "{{json .}}", released.image)
    assert "COPY rootfs /" in history
    assert not shows_a_token(history + json.dumps(held))


def test_the_token_is_in_nothing_that_was_pushed(released: Ended, registry: Registry) -> None:
    manifest = registry.manifest(released.image)
    blobs = [manifest["config"]["digest"], *(layer["digest"] for layer in manifest["layers"])]
    for digest in blobs:
        blob = f"{registry.sandbox.host}/{REPOSITORY}@{digest}"
        done = subprocess.run(
            ["crane", "blob", blob],
            env={**os.environ, **registry.client.environ},
            capture_output=True,
            check=True,
        )
        content = gunzipped(done.stdout)
        assert len(content) > 0
        assert not shows_a_token(content)


def gunzipped(content: bytes) -> bytes:
    import gzip

    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def test_a_scan_that_the_aws_cli_started_is_judged_as_ours(
    cli: CommandLine, project: GitRepository, client: Client, registry: Registry
) -> None:
    """And an image that crane copied there: `scan` and `promote` ask nothing of how it came."""
    registry.create(scan_on_push=False)
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 0, run.stderr
    registry.create("team/copied", scan_on_push=False)
    copied = f"{registry.sandbox.host}/team/copied:mine"
    client.ask("crane", "copy", run.image, copied)
    client.ask(
        *("aws", "ecr", "start-image-scan", "--repository-name", "team/copied", "--image-id", "imageTag=mine")
    )
    started = registry.asked("StartImageScan")
    promoted = cli.command("promote", "team/copied:mine", "staging")
    assert promoted.code == 0, promoted.stderr
    assert registry.asked("StartImageScan") == started
    assert registry.tags("team/copied") == dict.fromkeys(["mine", "staging"], run.digest)
