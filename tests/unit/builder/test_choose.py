from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import BuildError, EcrPushError, SettingsError
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.builder.buildx import BuildxBuilder
from ecr_push.builder.choose import DockerBuilders
from ecr_push.builder.machine import Machine
from ecr_push.builder.plan import BuildPlan
from tests.support.fakes import FakeNarrator

PLAN = BuildPlan(Path(), Path("Dockerfile"))
USUAL = Machine("28.5.2", "0.29.1")
DOWN = Machine("", "0.29.1", "Cannot connect to the Docker daemon")
EMPTY = Machine("", "", "there is no docker command in the PATH", has_docker=False)


def builders(machine: Machine, folder: Path, narrator: Any, **environ: str) -> DockerBuilders:
    found: Future[Machine] = Future()
    found.set_result(machine)
    given = {"PATH": str(folder), "HOME": str(folder), **environ}
    return DockerBuilders(given, folder, narrator, PrivateFolders(given), found)


def test_an_engine_comes_before_the_address_of_the_environment_which_is_said(tmp_path: Path) -> None:
    narrator: Any = FakeNarrator()
    chosen = builders(USUAL, tmp_path, narrator, BUILDKIT_HOST="tcp://b:1").choose(PLAN)
    assert isinstance(chosen, BuildxBuilder)
    assert "BUILDKIT_HOST is not used: an engine answers. --builder takes an address" in narrator.said[0]


@pytest.mark.parametrize(
    ("machine", "plan", "environ", "error", "words"),
    [
        (DOWN, PLAN, {"BUILDKIT_HOST": "b:1"}, SettingsError, "BUILDKIT_HOST: 'b:1': expected tcp://"),
        (DOWN, PLAN, {"BUILDKIT_HOST": "tcp://b"}, SettingsError, "expected tcp://HOST:PORT"),
        (USUAL, replace(PLAN, builder="kube-pod://b"), {}, BuildError, "through kubectl, which is not in"),
        (USUAL, replace(PLAN, builder="podman"), {}, BuildError, "there is no podman in the PATH"),
        (USUAL, replace(PLAN, builder="buildha"), {}, BuildError, "did you mean 'buildah'?"),
        (EMPTY, PLAN, {}, BuildError, "nothing on this machine builds images"),
        (EMPTY, replace(PLAN, builder="tcp://b:1"), {}, BuildError, "the builder tcp://b:1 needs buildx"),
        (EMPTY, PLAN, {"BUILDKIT_HOST": "tcp://b:1"}, BuildError, "the builder tcp://b:1 needs buildx"),
    ],
)
def test_what_cannot_build(
    machine: Machine,
    plan: BuildPlan,
    environ: dict[str, str],
    error: type[EcrPushError],
    words: str,
    tmp_path: Path,
) -> None:
    narrator: Any = FakeNarrator()
    with pytest.raises(error) as caught:
        builders(machine, tmp_path, narrator, **environ).choose(plan)
    assert words in f"{caught.value.what} {caught.value.why}"


def test_a_plan_names_the_builder_that_the_environment_names(tmp_path: Path) -> None:
    found = builders(DOWN, tmp_path, FakeNarrator(), BUILDKIT_HOST="tcp://b:1").planned(PLAN)
    assert found == "buildx 0.29.1 on tcp://b:1 (remote)"
