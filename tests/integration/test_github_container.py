"""The GitHub Action in a container job: the real act starts a real container, and the action runs in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support import images
from tests.support.act import EXAMPLES, Act
from tests.support.bundles import NO_INDEX, made_bundle
from tests.support.containers import Site, agent_image, bare_image, called, docker
from tests.support.git_repository import GitRepository
from tests.support.oidc import BEARER, OidcEndpoint
from tests.support.registry import remove_images

pytestmark = pytest.mark.usefixtures("engine")
# The image that the example names. Its name is given to an image of this machine, and taken away again.
NAMED = "ghcr.io/acme/agent:1"
# A volume of act's own, which it keeps between jobs.
TOOLCACHE = "act-toolcache"
EXAMPLE = (EXAMPLES / "container.yml").read_text(encoding="utf-8")
_IMAGE = f"      image: {NAMED} # zizmor: ignore[unpinned-images]\n"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(region="eu-west-1", account="123456789012", scan_delay=0.0)) as sandbox:
        yield sandbox
        remove_images(sandbox.host, sandbox.public_host)


@pytest.fixture
def oidc() -> Iterator[OidcEndpoint]:
    with OidcEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def act(sandbox: Sandbox, oidc: OidcEndpoint, site: Site, tmp_path: Path) -> Iterator[Act]:
    """A runner without keys of AWS, whose jobs run in containers. What it left in the engine is removed."""
    # Keys there are none, and the sandbox's files of profiles are not in the container.
    left_out = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    left_out += ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
    given = {name: text for name, text in sandbox.environment.items() if name not in left_out}
    runner = Act(tmp_path / "act", tmp_path / "shared", {**given, **oidc.environment, **site.environ})
    runner.flags = ("--pull=false", "--rm")
    before = docker("volume", "ls", "--quiet", "--filter", f"name=^{TOOLCACHE}$")
    yield runner
    if not before:
        docker("volume", "rm", "--force", TOOLCACHE)


@pytest.fixture
def ecr(sandbox: Sandbox) -> Any:
    """ECR's API, as AWS's own client has it, with team/app in it."""
    client = boto3.client(
        "ecr",
        region_name="eu-west-1",
        endpoint_url=sandbox.url,
        aws_access_key_id=sandbox.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=sandbox.environment["AWS_SECRET_ACCESS_KEY"],
    )
    client.create_repository(repositoryName="team/app", imageScanningConfiguration={"scanOnPush": True})
    return client


@pytest.fixture
def project(site: Site, tmp_path: Path) -> GitRepository:
    made = GitRepository.init(tmp_path / "app")
    made.commit("First", {**images.CLEAN, ".github/workflows/container.yml": example_at(site)})
    made.tag("v1.4.2")
    return made


def pushed(ecr: Any) -> dict[str, str]:
    """Tag and digest of what is in the registry."""
    listed = ecr.list_images(repositoryName="team/app")["imageIds"]
    return {one.get("imageTag", ""): one["imageDigest"] for one in listed}


def example_at(site: Site) -> str:
    """The example, with what a container needs here to reach the sandbox and the packages."""
    assert EXAMPLE.count(_IMAGE) == 1
    return EXAMPLE.replace(_IMAGE, f"{_IMAGE}      options: {' '.join(site.mounts)}\n")


@pytest.mark.parametrize("released", [True, False], ids=["bundle", "installed"])
def test_the_action_runs_in_the_jobs_container(
    act: Act, sandbox: Sandbox, ecr: Any, oidc: OidcEndpoint, project: GitRepository, released: bool
) -> None:
    if released:
        act.bundle = made_bundle()
        kept = {name: text for name, text in act.environ.items() if not name.endswith("_FIND_LINKS")}
        act.environ = {**kept, **NO_INDEX}
    with called(NAMED, agent_image()):
        ended = act.push(project, "refs/heads/main", "container.yml")
    assert ended.code == 0, ended.text
    job = ended.job
    assert job.container == NAMED
    assert ("install ecr-push" in job.commands_of("group")) is not released
    outputs = job.outputs
    assert (outputs["verdict"], outputs["version"], outputs["exit-code"]) == ("accepted", "1.4.2", "0")
    digests = pushed(ecr)
    assert outputs["image"] == f"{sandbox.host}/team/app@{digests['1.4.2']}"
    assert set(digests) >= {"1.4.2", "latest", *outputs["tags"].split("\n")}
    [summary] = set(job.summaries)
    assert "## ✅ Accepted: `team/app`" in summary
    assert not job.commands_of("error")
    assert set(oidc.audiences) == {"sts.amazonaws.com"}
    assert not any(token in job.everything for token in (*oidc.tokens, BEARER))


def test_an_image_without_python_is_an_error_that_says_so(
    act: Act, ecr: Any, project: GitRepository, tmp_path: Path
) -> None:
    with called(NAMED, bare_image(tmp_path / "bare")):
        ended = act.push(project, "refs/heads/main", "container.yml")
    assert ended.code == 1
    job = ended.job
    assert job.container == NAMED
    [error] = job.commands_of("error")
    assert "no Python 3.10 or later" in error
    assert job.outputs["verdict"] == "failed"
    assert not pushed(ecr)
