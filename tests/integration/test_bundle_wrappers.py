"""The wrappers run the bundle that their release carries: nothing is installed, and no index is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support import images
from tests.support.act import BUNDLE, Act, release
from tests.support.bundles import LEAST, NO_INDEX, made_bundle
from tests.support.cut_off import CutOff
from tests.support.git_repository import GitRepository
from tests.support.pythons import pythons
from tests.support.registry import Registry, client_of, remove_images

WORKFLOW = """\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: ecr-push/ecr-push@v1
        id: image
        with:
          repository: team/app
"""
RESOURCES = "jenkins/resources/io/ecrpush"
# In an environment without packages.
ADD_SOURCE = """
"$1" -I -m venv --without-pip "$2"
. "$3/requirements/environment.sh"
add_source "$2" "$3"
"$2/bin/python" -I -c "
import sys; from importlib.metadata import version; from importlib.util import find_spec
print(find_spec('ecr_push.sandbox').origin[:len(sys.prefix)], version('ecr-push'))"
"""


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout as a release has it. No test may change it."""
    return release(tmp_path_factory.mktemp("released"), made_bundle())


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(region="eu-west-1", account="123456789012", scan_delay=0.0)) as sandbox:
        yield sandbox
        remove_images(sandbox.host, sandbox.public_host)


@pytest.fixture
def registry(sandbox: Sandbox, tmp_path: Path, client_path: str) -> Registry:
    made = Registry(sandbox, client_of(sandbox, tmp_path / "clients", client_path))
    made.create("team/app")
    return made


def copied(released: Path, folder: Path) -> Path:
    return Path(shutil.copytree(released, folder / "changed"))


def step(
    action: Path, folder: Path, *before: str | Path, path: str = "", **environ: str
) -> tuple[int, str, str]:
    """github/step.sh by itself, after another program; its exit code, its log, and what outputs it wrote."""
    (folder / "runner").mkdir(parents=True, exist_ok=True)
    outputs = folder / "outputs"
    done = subprocess.run(
        [*before, shutil.which("sh") or "sh", action / "github" / "step.sh"],
        cwd=folder,
        env={
            "PATH": path or os.environ["PATH"],
            "HOME": str(folder),
            **{name: os.environ[name] for name in ("DOCKER_HOST",) if name in os.environ},
            **NO_INDEX,
            "GITHUB_ACTION_PATH": str(action),
            "GITHUB_OUTPUT": str(outputs),
            "RUNNER_TEMP": str(folder / "runner"),
            "GITHUB_ACTIONS": "true",
            "COMMAND": "run",
            "ARGUMENTS": "",
            "WORKING_DIRECTORY": ".",
            **environ,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr, outputs.read_text()


# ------------------------------------------------------------------------- the action


@pytest.mark.usefixtures("engine")
def test_a_job_runs_it_and_installs_nothing(sandbox: Sandbox, registry: Registry, tmp_path: Path) -> None:
    act = Act(
        tmp_path / "act", tmp_path / "shared", {**sandbox.environment, **NO_INDEX}, bundle=made_bundle()
    )
    project = GitRepository.init(tmp_path / "app")
    project.commit("First", {**images.CLEAN, ".github/workflows/ci.yml": WORKFLOW})
    project.tag("v1.4.2")
    ended = act.push(project, "refs/tags/v1.4.2", "ci.yml")
    assert ended.code == 0, ended.text
    assert {"1.4.2", "1.4", "1", "latest"} <= set(registry.tags())
    assert ended.job.commands_of("group") == ["source", "plan", "build", "push", "scan", "judge", "promote"]
    assert ended.job.outputs["verdict"] == "accepted"


@pytest.mark.usefixtures("engine")
def test_it_runs_with_the_network_cut_off(
    released: Path, sandbox: Sandbox, registry: Registry, tmp_path: Path
) -> None:
    """Of the world there is the engine's socket, and the sandbox on a loopback of its own."""
    project = GitRepository.init(tmp_path / "app")
    project.commit("First", images.CLEAN)
    project.tag("v1.4.2")
    with CutOff(tmp_path / "bridge", sandbox.host) as cut_off:
        code, log, outputs = step(
            released,
            tmp_path / "job",
            *cut_off.command,
            WORKING_DIRECTORY=str(project.root),
            ECR_PUSH_REPOSITORY="team/app",
            GITHUB_EVENT_NAME="push",
            GITHUB_REF="refs/tags/v1.4.2",
            GITHUB_SHA=project.head,
            **sandbox.environment,
        )
    assert code == 0, log
    assert "\naccepted\n" in outputs, f"{log}\n{outputs}"
    assert {"1.4.2", "latest"} <= set(registry.tags())


def test_a_changed_file_is_an_error_of_the_job(released: Path, tmp_path: Path) -> None:
    action = copied(released, tmp_path)
    (action / BUNDLE / "cacert.pem").write_text("")
    code, log, outputs = step(action, tmp_path / "job")
    assert code == 2
    assert outputs.splitlines()[-1] == "exit-code=2"
    assert (
        "::error title=ecr-push::the file cacert.pem of ecr-push is not the one that its release has" in log
    )


def test_a_start_that_is_missing_is_an_error_and_nothing_is_installed(released: Path, tmp_path: Path) -> None:
    """Without the start a release would pass for a checkout of main."""
    action = copied(released, tmp_path)
    (action / BUNDLE / "start.py").unlink()
    code, log, outputs = step(action, tmp_path / "job")
    assert (code, outputs.splitlines()[-1]) == (2, "exit-code=2")
    assert "::error title=ecr-push::the file start.py of ecr-push cannot be read" in log
    installed = install(action, tmp_path / "tool")
    assert installed.returncode == 1
    assert "the file start.py of ecr-push cannot be read" in installed.stderr


def test_a_python_that_is_too_old_is_an_error_of_the_job(released: Path, tmp_path: Path) -> None:
    old = [path for version, path in pythons().items() if version < LEAST]
    if not old:
        pytest.skip("this machine has no Python that is too old")
    for number, python in enumerate(old):
        folder = tmp_path / f"bin{number}"
        folder.mkdir()
        for name in ("sh", "mktemp", "sed"):
            (folder / name).symlink_to(shutil.which(name) or name)
        name = "python" if python.name.startswith("python2") else "python3"
        (folder / name).write_text(f'#!/bin/sh\nexec {python} "$@"\n')
        (folder / name).chmod(0o755)
        code, log, outputs = step(released, tmp_path / f"job{number}", path=str(folder))
        assert code == 2, log
        assert outputs.splitlines()[-1] == "exit-code=2"
        assert "::error title=ecr-push::this machine's " in log and "needs 3.10 or later" in log


def test_the_sandbox_is_installed(released: Path, tmp_path: Path) -> None:
    """It is not in the bundle; where packages cannot come from anywhere, that is what fails."""
    code, log, _ = step(released, tmp_path / "job", ECR_PUSH_SANDBOX="yes")
    assert code == 2
    assert "could not install the packages that ecr-push needs" in log


# ------------------------------------------------------------------------- CodeBuild


def test_an_archive_of_a_release_has_the_sandbox(released: Path, tmp_path: Path) -> None:
    """Once, as the library of Jenkins has it."""
    assert not (released / "ecr_push").exists()
    packed = (released / RESOURCES / "package.txt").read_bytes()
    done = subprocess.run(
        ["sh", "-euc", ADD_SOURCE, "sh", sys.executable, tmp_path / "environment", released],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(tmp_path / "environment"), metadata.version("ecr-push")]
    assert (released / RESOURCES / "package.txt").read_bytes() == packed


def install(source: Path, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", source / "codebuild" / "install.sh", folder],
        env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **NO_INDEX, **environ},
        capture_output=True,
        text=True,
    )


def test_codebuild_runs_it_from_the_clone(released: Path, tmp_path: Path) -> None:
    installed = install(released, tmp_path / "tool")
    assert installed.returncode == 0, installed.stderr
    assert installed.stdout.startswith("ecr-push, version ")
    assert [path.name for path in (tmp_path / "tool").iterdir()] == ["bin"]
    project = GitRepository.init(tmp_path / "app")
    project.commit("First")
    project.tag("v2.0.0")
    asked = subprocess.run(
        [tmp_path / "tool" / "bin" / "ecr-push", "tags", project.root],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    assert asked.stdout.split()[:2] == ["version", "2.0.0"]


def test_codebuild_finds_it_in_a_folder_of_any_name(released: Path, tmp_path: Path) -> None:
    odd = tmp_path / "o'brien's \"ü\" $HOME"
    odd.mkdir()
    installed = install(copied(released, odd), odd / "tool")
    assert installed.returncode == 0, installed.stderr
    assert installed.stdout.startswith("ecr-push, version ")


def test_codebuild_says_what_is_wrong_with_it(released: Path, tmp_path: Path) -> None:
    source = copied(released, tmp_path)
    (source / BUNDLE / "tzdata.zip").unlink()
    installed = install(source, tmp_path / "tool")
    assert installed.returncode == 2
    assert "the file tzdata.zip of ecr-push cannot be read" in installed.stderr
