"""Builders of buildx by their names: those that are there, and those that are gone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ecr_push.base.errors import BuildError
from ecr_push.builder.buildx_instances import check_builder
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry


def docker(config: Path, *words: str) -> None:
    subprocess.run(("docker", *words), env=environ(config), check=True, capture_output=True)


def environ(config: Path, **more: str) -> dict[str, str]:
    kept = {"DOCKER_HOST": os.environ["DOCKER_HOST"]} if "DOCKER_HOST" in os.environ else {}
    return {"PATH": os.environ["PATH"], "DOCKER_CONFIG": str(config), **kept, **more}


def test_a_builder_that_is_there(tmp_path: Path) -> None:
    docker(tmp_path, "buildx", "create", "--name", "far", "--driver", "remote", "tcp://127.0.0.1:1")
    docker(tmp_path, "context", "create", "elsewhere", "--docker", "host=tcp://127.0.0.1:1")
    for name in ("", "default", "far", "Far", "elsewhere"):
        check_builder(name, environ(tmp_path))
    check_builder("", environ(tmp_path, BUILDX_BUILDER="far"))
    docker(tmp_path, "buildx", "rm", "far")
    with pytest.raises(BuildError, match="there is no buildx builder 'far'"):
        check_builder("far", environ(tmp_path))


def test_a_name_that_is_almost_right(tmp_path: Path) -> None:
    docker(tmp_path, "buildx", "create", "--name", "builder", "--driver", "remote", "tcp://127.0.0.1:1")
    with pytest.raises(BuildError, match="did you mean 'builder'"):
        check_builder("bilder", environ(tmp_path))


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("words", "variables", "remedy"),
    [
        (("--builder", "gone"), {}, "leave out --builder"),
        ((), {"BUILDX_BUILDER": "gone"}, "leave out the variable"),
        (("--build-arg", "A=b", "--builder", "gone"), {}, "docker buildx create --name"),
    ],
)
def test_a_builder_that_is_gone_is_known_before_anything_is_built(
    words: tuple[str, ...],
    variables: dict[str, str],
    remedy: str,
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
) -> None:
    run = cli.run(project.root, "-r", REPOSITORY, "--create-repository", *words, **variables)
    assert run.code == 3, run.stderr
    assert "there is no buildx builder 'gone'" in run.stderr
    assert "docker buildx ls" in run.stderr and remedy in run.stderr
    assert not registry.exists()
