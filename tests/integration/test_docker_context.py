"""The docker context in use, as the docker command sees it. No engine is needed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from ecr_push.base.errors import BuildError
from ecr_push.builder.docker_context import context_host
from ecr_push.builder.docker_engine import connect


def environ(config: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "DOCKER_CONFIG": str(config), **more}


def create_context(config: Path, name: str, host: str) -> None:
    command = ["docker", "context", "create", name, "--docker", f"host={host}"]
    subprocess.run(command, env=environ(config), check=True, capture_output=True)


def use_context(config: Path, name: str) -> None:
    (config / "config.json").write_text(json.dumps({"currentContext": name}))


def test_the_host_is_that_of_the_context_in_use(tmp_path: Path) -> None:
    create_context(tmp_path, "remote", "tcp://127.0.0.1:1")
    create_context(tmp_path, "other", "tcp://127.0.0.1:2")
    use_context(tmp_path, "remote")
    assert context_host(environ(tmp_path)) == "tcp://127.0.0.1:1"
    assert context_host(environ(tmp_path, DOCKER_CONTEXT="other")) == "tcp://127.0.0.1:2"


def test_the_default_context_is_the_default_engine(tmp_path: Path) -> None:
    assert context_host(environ(tmp_path)).startswith("unix://")


@pytest.mark.parametrize("from_environment", [True, False], ids=["DOCKER_CONTEXT", "currentContext"])
def test_a_missing_context_is_an_error(tmp_path: Path, from_environment: bool) -> None:
    if not from_environment:
        use_context(tmp_path, "foo")
    variables = {"DOCKER_CONTEXT": "foo"} if from_environment else {}
    with pytest.raises(BuildError) as caught:
        connect(environ(tmp_path, **variables))
    assert caught.value.what == "docker context 'foo' not found"
    assert "not found" in caught.value.why
    assert "docker context ls" in caught.value.remedy


@pytest.mark.parametrize("variables", [{}, {"DOCKER_CONTEXT": "left"}, {"DOCKER_CONTEXT": "default"}])
def test_a_docker_command_that_is_not_dockers_ignores_its_contexts(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    """Such as podman's, where Docker has left its configuration."""
    use_context(tmp_path, "desktop-linux")
    command = tmp_path / "docker"
    command.write_text(
        "#!/bin/sh\n[ \"$*\" = --version ] && echo 'podman version 4.9.3' && exit\n"
        "echo 'unrecognized command' >&2\nexit 125\n"
    )
    command.chmod(0o755)
    assert context_host(environ(tmp_path, PATH=f"{tmp_path}:/usr/bin:/bin", **variables)) == ""


def test_without_a_docker_command_the_default_engine_is_used(tmp_path: Path) -> None:
    assert context_host(environ(tmp_path, PATH=str(tmp_path))) == ""
