"""The registry as others see it: asked through programs that are not ours, and made to misbehave."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from ecr_push.sandbox.scenario import parse_scenario
from ecr_push.sandbox.server import Sandbox
from tests.support.command_line import shows_a_token

REPOSITORY = "team/app"


@dataclass(frozen=True)
class Client:
    """A program that is not ours, logged in to the sandbox's two registries."""

    environ: Mapping[str, str]

    def ask(self, *argv: str) -> str:
        """What it answers; an assertion shows what it said when it fails."""
        done = subprocess.run(argv, env=dict(self.environ), capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr}"
        return done.stdout.strip()


@dataclass(frozen=True)
class Registry:
    """The sandbox as crane sees it, and the faults that a test sets."""

    sandbox: Sandbox
    client: Client

    def tags(self, repository: str = REPOSITORY) -> dict[str, str]:
        """Every tag of a repository with its digest, asked of crane; empty where there is no repository."""
        if not self.exists(repository):
            return {}
        uri = f"{self.sandbox.host}/{repository}"
        names = self.client.ask("crane", "ls", uri).split()
        return {name: self.client.ask("crane", "digest", f"{uri}:{name}") for name in names}

    def released(self, repository: str = REPOSITORY) -> dict[str, str]:
        """The tags without the candidates."""
        return {name: of for name, of in self.tags(repository).items() if not name.startswith("candidate-")}

    def create(self, name: str = REPOSITORY, **settings: object) -> None:
        self.sandbox.state.repositories.create("private", name, **{"scan_on_push": True, **settings})

    def exists(self, name: str = REPOSITORY) -> bool:
        return any(one.name == name for one in self.sandbox.state.repositories.all("private"))

    def play(self, scenario: str) -> None:
        self.sandbox.faults.play(parse_scenario(scenario))

    def asked(self, operation: str) -> int:
        """How often an operation of either plane was asked for."""
        planes = self.sandbox.faults.requests()
        return sum(plane.get(operation, 0) for plane in planes.values())

    @property
    def pushed_to(self) -> bool:
        """Whether anything at all was asked of the data plane, or written through the API."""
        planes = self.sandbox.faults.requests()
        writes = ("Put", "Create", "Delete", "BatchDelete", "Start", "Initiate", "Upload", "Complete", "Set")
        # crane's own look-ups count on the data plane, so ask this first.
        return bool(planes["v2"]) or any(name.startswith(writes) for name in planes["api"])

    def labels(self, image: str) -> Mapping[str, str]:
        """The labels of an image, as crane reads its configuration."""
        configuration = json.loads(self.client.ask("crane", "config", image))
        return dict(configuration["config"]["Labels"])

    def api(self, service: str = "ecr") -> Any:
        """The AWS API through boto3."""
        keys = self.sandbox.environment
        return boto3.client(
            service,
            endpoint_url=self.sandbox.url,
            region_name=keys["AWS_REGION"],
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        )

    def scan_status(self, digest: str, repository: str = REPOSITORY) -> str:
        """The status of an image's scan; raises ClientError where there is none."""
        answer = self.api().describe_image_scan_findings(
            repositoryName=repository, imageId={"imageDigest": digest}
        )
        return str(answer["imageScanStatus"]["status"])

    def manifest(self, image: str) -> dict[str, Any]:
        """The manifest of an image, as crane reads it."""
        found: dict[str, Any] = json.loads(self.client.ask("crane", "manifest", image))
        return found

    def files(self, image: str) -> dict[str, bytes]:
        """path -> content of the image's files, as crane unpacks them."""
        exported = subprocess.run(
            ["crane", "export", image, "-"], env=dict(self.client.environ), capture_output=True, check=True
        ).stdout
        with tarfile.open(fileobj=io.BytesIO(exported)) as archive:
            found = {one.name: archive.extractfile(one) for one in archive if one.isreg()}
            return {name: file.read() for name, file in found.items() if file}


def client_of(sandbox: Sandbox, folder: Path, client_path: str) -> Client:
    """A client whose Docker configuration, in folder, knows both registries of a sandbox."""
    folder.mkdir()
    token = sandbox.tokens.issue(sandbox.options.account, "private").authorization
    assert shows_a_token(token)  # else no test would notice one that is shown
    assert shows_a_token(base64.b64decode(token))
    public = sandbox.tokens.issue(sandbox.options.account, "public").authorization
    auths = {sandbox.host: {"auth": token}, sandbox.public_host: {"auth": public}}
    (folder / "config.json").write_text(json.dumps({"auths": auths}))
    kept = {"DOCKER_HOST": os.environ["DOCKER_HOST"]} if "DOCKER_HOST" in os.environ else {}
    return Client(
        {
            **kept,
            **sandbox.environment,
            "PATH": client_path,
            "HOME": str(folder),
            "DOCKER_CONFIG": str(folder),
        }
    )


def remove_images(*hosts: str) -> None:
    """Takes the images of these registries out of the engine, where there is one."""
    listed = subprocess.run(
        [
            "docker",
            "image",
            "ls",
            "--digests",
            "--no-trunc",
            "--format",
            "{{.Repository}}:{{.Tag}} {{.Repository}}@{{.Digest}}",
        ],
        capture_output=True,
        text=True,
    ).stdout
    names = [
        tagged if not tagged.endswith(":<none>") else pinned
        for tagged, pinned in (line.split() for line in listed.splitlines())
        if tagged.startswith(tuple(f"{host}/" for host in hosts))
    ]
    if names:
        subprocess.run(["docker", "image", "rm", "--force", *names], check=True, capture_output=True)
