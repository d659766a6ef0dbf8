"""A build that fails with its push, or behind it: the registry's word counts, and a login is renewed."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")
LIFE = 6  # seconds


def test_a_login_that_ends_during_a_build_on_an_image_of_the_same_registry(
    cli: CommandLine, project: GitRepository, registry: Registry, gate: Gate
) -> None:
    """BuildKit asks for it once in a build: when it reads the base image."""
    registry.create()
    registry.create("base")
    base = cli.run(project.root, "-r", "base")
    assert base.code == 0, base.stderr
    dockerfile = f"FROM {base.image}\nADD {gate.url} /fetched\n"
    project.commit("Slow", {**images.CLEAN, "Dockerfile": dockerfile})
    registry.play(f"token: {{life: {LIFE}}}")
    run = cli.start_run(project.root, "-r", REPOSITORY)
    run.until(gate.arrived.is_set, "the build")
    registry.play("{}")  # the next one lasts, however slow this machine is
    time.sleep(LIFE + 1)
    gate.open()
    ended = run.end()
    assert ended.code == 0, ended.stderr
    assert "the registry's login ended at" in ended.stderr
    assert registry.tags()["main"] == ended.digest


@pytest.fixture
def failing_after_push(cli: CommandLine) -> Path:
    """A docker command whose builds fail after their push, as with a cache that cannot be exported."""
    real = shutil.which("docker")
    program = cli.folder / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\n{real} "$@" || exit\ncase "$*" in "buildx build"*|"buildx bake"*) '
        'for word; do case $word in --metadata-file=*) rm "${word#*=}";; esac; done\n'
        "echo 'ERROR: failed to solve: error writing layer blob: cache: not found' >&2; exit 1;; esac\n"
    )
    program.chmod(0o755)
    cli.environ["PATH"] = f"{program.parent}:{cli.environ['PATH']}"
    return program


@pytest.mark.usefixtures("failing_after_push")
@pytest.mark.parametrize("more", [(), ("--build-arg", "A=b", "--platform", "linux/amd64,linux/arm64")])
def test_what_fails_after_the_push_leaves_the_candidate_to_be_judged(
    more: tuple[str, ...], cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    run = cli.run(project.root, "-r", REPOSITORY, *more)
    assert run.code == 0, run.stderr
    assert "but after the candidate was pushed, complete: going on with it" in run.stderr
    assert "cache: not found" in run.stderr
    assert registry.tags()["1.4.2"] == run.digest
    assert run.document["image"]["isIndex"] == bool(more)
