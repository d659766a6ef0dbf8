"""A release as its users get it: a clone of v1 with the bundle, the action in it, and the image of it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from releasing.commits import BUNDLE
from tests.support.act import OURS, Act
from tests.support.containers import STRANGER, agent_image, docker
from tests.support.git_repository import GitRepository
from tests.support.paths import ROOT
from tests.support.releases import Project, bare_source

NAME = "ecr-push-test/tool"
WORKFLOW = f"""\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: {OURS}
        id: image
        with:
          command: tags
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """After 1.0.0, with a bundle as scripts/bundle makes it."""
    source = bare_source(tmp_path_factory.mktemp("source"), checks=False, stand_in=False)
    project = Project.made_in(tmp_path_factory.mktemp("project"), source)
    ended = project.release("1.0.0", "--push")
    assert ended.code == 0, ended.stderr
    return project


@pytest.fixture(scope="module")
def release(project: Project) -> GitRepository:
    return project.remote.clone(project.folder / "user", "--depth=1", "--branch=v1")


@pytest.fixture
def app(tmp_path: Path) -> GitRepository:
    made = GitRepository.init(tmp_path / "app")
    made.commit("First", {"Dockerfile": "FROM scratch\n", ".github/workflows/image.yml": WORKFLOW})
    made.tag("v1.4.2")
    return made


def test_the_bundle_of_the_release_runs(project: Project, release: GitRepository, app: GitRepository) -> None:
    bundle = release.root / BUNDLE
    sums = dict(reversed(line.split("  ")) for line in (bundle / "SHA256SUMS").read_text().splitlines())
    assert {name: hashlib.sha256((bundle / name).read_bytes()).hexdigest() for name in sums} == sums
    described = json.loads((bundle / "bundle.json").read_text())
    assert (described["version"], described["commit"]) == ("1.0.0", project.remote.head)

    def start(*arguments: str) -> str:
        program = [sys.executable, "-I", "-S", str(bundle / "start.py"), *arguments]
        return subprocess.run(program, cwd=app.root, check=True, capture_output=True, text=True).stdout

    assert start("--version") == "ecr-push, version 1.0.0\n"
    assert "tag      1.4.2\n" in start("tags")


def test_the_action_runs_from_the_release(release: GitRepository, app: GitRepository, tmp_path: Path) -> None:
    act = Act(tmp_path / "act", tmp_path, {}, actions={OURS: release.root})
    ended = act.push(app, "refs/tags/v1.4.2", "image.yml")
    assert ended.code == 0, ended.text
    assert "tag      1.4.2" in ended.job.log


# ------------------------------------------------------------------------- the image


@pytest.fixture(scope="module")
def image(engine: None, release: GitRepository) -> Iterator[str]:
    """Built on the agent's image, which has the same tools: the image's own base is on a registry."""
    tools = f"tools=docker-image://{agent_image()}"
    docker("buildx", "build", "--load", "--tag", NAME, "--build-context", tools, str(release.root))
    yield NAME
    docker("image", "rm", "--force", NAME)


@pytest.mark.parametrize("user", ["0:0", STRANGER])
def test_any_user_of_the_image_has_the_tool_and_the_checkout(
    image: str, app: GitRepository, user: str
) -> None:
    run = ("run", "--rm", "--user", user, "--volume", f"{app.root}:/src:ro", image)
    assert docker(*run, "--version") == "ecr-push, version 1.0.0"
    assert "tag      1.4.2" in docker(*run, "tags")


def test_the_image_has_the_bundle_and_the_docker_client(image: str, release: GitRepository) -> None:
    held = docker("run", "--rm", "--entrypoint", "ls", image, "-A", "/opt/ecr-push").split()
    assert set(held) == {one.name for one in (release.root / BUNDLE).iterdir()}
    assert docker("run", "--rm", "--entrypoint", "ls", image, "-A", "/src") == ""
    assert "buildx" in docker("run", "--rm", "--entrypoint", "docker", image, "buildx", "version")


def test_the_tools_are_those_of_the_agents_image() -> None:
    """So that what is tested here is what the image's own base gets."""
    wanted = {"docker-buildx", "docker-cli", "git"}
    for path in (ROOT / "Dockerfile", ROOT / "examples" / "agent" / "Dockerfile"):
        assert wanted <= set(path.read_text(encoding="utf-8").split())
