"""The platform of a build, with real builders: who decides on it, and what another means to a re-run."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.private_folder import PrivateFolders
from ecr_push.builder.choose import DockerBuilders
from ecr_push.builder.plan import BuildPlan
from tests.support.command_line import CommandLine
from tests.support.fakes import FakeNarrator
from tests.support.git_repository import GitRepository
from tests.support.paths import path_with
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")
DEFAULT = "DOCKER_DEFAULT_PLATFORM"


def architecture(registry: Registry, image: str) -> str:
    return str(json.loads(registry.client.ask("crane", "config", image))["architecture"])


def test_the_environments_platform_is_built_whichever_way_buildx_is_called(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    """`docker buildx bake`, which gets the build arguments, does not read the variable itself."""
    registry.create()
    plain = cli.run(project.root, "-r", REPOSITORY, **{DEFAULT: "linux/arm64"})
    assert plain.code == 0, plain.stderr
    assert f"platform linux/arm64, of {DEFAULT}" in plain.stderr
    assert architecture(registry, plain.image) == "arm64"
    registry.create("team/other")
    baked = cli.run(project.root, "-r", "team/other", "--build-arg", "A=b", **{DEFAULT: "linux/arm64"})
    assert baked.code == 0, baked.stderr
    assert architecture(registry, baked.image) == "arm64"
    again = cli.run(project.root, "-r", REPOSITORY, **{DEFAULT: "linux/amd64"})
    assert again.code == 2 and "taken by another image" in again.stderr
    assert architecture(registry, f"{registry.sandbox.host}/{REPOSITORY}:1.4.2") == "arm64"


def test_an_image_that_another_machine_built_for_its_own_platform_is_a_conflict(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 0, run.stderr
    uri = f"{registry.sandbox.host}/{REPOSITORY}"
    own = registry.labels(run.image)["ecr-push.builder-platform"]
    assert own == f"linux/{architecture(registry, run.image)}"
    # What a runner of another architecture makes of this commit.
    other = "linux/amd64" if own == "linux/arm64" else "linux/arm64"
    label = f"--label=ecr-push.builder-platform={other}"
    registry.client.ask("crane", "mutate", f"--set-platform={other}", label, run.image, "-t", f"{uri}:1.4.2")
    for tag in (f"sha-{project.head[:12]}", "1.4", "1", "latest"):
        registry.client.ask("crane", "tag", f"{uri}:1.4.2", tag)
    for command in ("run", "plan"):
        again = cli.command(command, project.root, "-r", REPOSITORY)
        assert again.code == 2, again.stderr
        assert f"by a builder for {other}, and this builder builds for {own}" in again.stderr
        assert "--platform" in again.stderr


def test_a_dockerfile_that_names_the_platform_makes_the_same_image_everywhere(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    """As for Lambda or on a Mac: the image's platform is not the builder's, and a re-run finds it."""
    registry.create()
    registry.create("base")
    base = cli.run(project.root, "-r", "base", "--platform", "linux/amd64,linux/arm64")
    assert base.code == 0, base.stderr
    for other in ("linux/amd64", "linux/arm64"):
        project.commit(other, {"Dockerfile": f"FROM --platform={other} {base.image}\nCOPY rootfs /\n"})
        run = cli.run(project.root, "-r", REPOSITORY)
        assert run.code == 0, run.stderr
        assert architecture(registry, run.image) == other.partition("/")[2]
        again = cli.run(project.root, "-r", REPOSITORY)
        assert (again.code, again.digest) == (0, run.digest), again.stderr
        assert "was already built from this commit" in again.stderr


@pytest.mark.parametrize("with_docker", [True, False])
def test_the_builders_own_platform_is_the_engines(with_docker: bool, tmp_path: Path) -> None:
    asked = ["docker", "version", "--format", "{{.Server.Os}}/{{.Server.Arch}}"]
    engine = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    path = os.environ["PATH"] if with_docker else path_with(tmp_path / "bin")
    kept = {"DOCKER_HOST": os.environ["DOCKER_HOST"]} if "DOCKER_HOST" in os.environ else {}
    environ = {"PATH": path, "HOME": str(tmp_path), **kept}
    narrator: Any = FakeNarrator()
    builders = DockerBuilders(environ, tmp_path / "none", narrator, PrivateFolders(environ))
    plan = BuildPlan(tmp_path, tmp_path / "Dockerfile")
    none = BuildPlan(tmp_path, plan.dockerfile, builder="there-is-none")
    assert builders.default_platform(plan).result() == engine
    assert builders.default_platform(none).result() == ""


def test_what_the_service_of_an_image_refuses_gets_no_tag(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    run = cli.run(project.root, "-r", REPOSITORY, "--platform", "linux/s390x", "--for", "ecs")
    assert run.code == 2 and "--for ecs: linux/s390x: Amazon ECS runs" in run.stderr
    assert not registry.pushed_to
    made = cli.run(project.root, "-r", REPOSITORY, "--platform", "linux/s390x")
    assert made.code == 0, made.stderr
    refused = cli.command("promote", made.image, "production", "--for", "ecs")
    assert refused.code == 3 and "Amazon ECS would refuse this image" in refused.stderr
    assert "production" not in registry.tags()
