"""Images that are in the engine already (`--image`), and an engine without buildx."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support import images
from tests.support.ci import pull_request_of_a_fork
from tests.support.command_line import CommandLine
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Client, Registry

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture(autouse=True)
def _repository(registry: Registry) -> None:
    registry.create()


@pytest.fixture
def local_image(project: GitRepository, client: Client) -> Iterator[str]:
    """An image that a docker command of the user's own built from the project."""
    name = f"ecr-push-test/{uuid4().hex}:local"
    client.ask("docker", "buildx", "build", "--quiet", "--load", f"--tag={name}", str(project.root))
    yield name
    client.ask("docker", "image", "rm", "--force", name)


def held_candidates(registry: Registry) -> list[str]:
    """What is left in the engine under a candidate's name."""
    listed = registry.client.ask("docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}")
    return [name for name in listed.splitlines() if name.startswith(f"{registry.sandbox.host}/")]


def test_an_image_of_the_engine_is_pushed_judged_and_released(
    cli: CommandLine, project: GitRepository, registry: Registry, local_image: str
) -> None:
    run = cli.run(project.root, "-r", REPOSITORY, "--image", local_image)
    assert run.code == 0, run.stderr
    assert registry.tags()["1.4.2"] == run.digest
    assert "docker buildx" not in run.stderr
    assert held_candidates(registry) == []
    assert registry.client.ask("docker", "image", "inspect", "--format", "{{.Id}}", local_image)


def test_a_second_push_changes_nothing_and_another_image_no_version(
    cli: CommandLine, project: GitRepository, registry: Registry, client: Client, local_image: str
) -> None:
    """It has none of our labels: its digest alone tells that it is the one that was released."""
    first = cli.run(project.root, "-r", REPOSITORY, "--image", local_image)
    released = registry.tags()
    again = cli.run(project.root, "-r", REPOSITORY, "--image", local_image)
    assert (again.code, again.digest) == (0, first.digest), again.stderr
    assert registry.tags() == released

    build = ("docker", "buildx", "build", "--quiet", "--load", "--label=another=one")
    client.ask(*build, f"--tag={local_image}", str(project.root))  # under the same name
    other = cli.run(project.root, "-r", REPOSITORY, "--image", local_image)
    assert other.code == 4, other.stderr
    assert f"1.4.2 already names {first.digest[:19]}" in other.stderr
    assert "run again with the image that was released" in other.stderr
    assert "since this run began" not in other.stderr
    assert registry.released() == released


def test_an_image_that_was_built_again_moves_what_may_move(
    cli: CommandLine, project: GitRepository, registry: Registry, client: Client, local_image: str
) -> None:
    """Nothing in it says whether it is another image: the commit's tag stays with the first one."""
    project.commit("After the release")
    first = cli.run(project.root, "-r", REPOSITORY, "--image", local_image)
    assert first.code == 0, first.stderr
    build = ("docker", "buildx", "build", "--quiet", "--load", "--label=another=one")
    client.ask(*build, f"--tag={local_image}", str(project.root))
    again = cli.run(project.root, "-r", REPOSITORY, "--image", local_image)
    assert again.code == 0, again.stderr
    sha = f"sha-{project.head[:12]}"
    assert again.tags == {sha: "kept", "1.4.3-dev.1": "kept", "main": "moved"}
    assert registry.released() == {sha: first.digest, "1.4.3-dev.1": first.digest, "main": again.digest}


def test_an_image_of_the_engine_is_refused_like_any_other(
    cli: CommandLine, project: GitRepository, registry: Registry, client: Client, local_image: str
) -> None:
    project.write(images.VULNERABLE)
    client.ask("docker", "buildx", "build", "--quiet", "--load", f"--tag={local_image}", str(project.root))
    run = cli.run(project.root, "-r", REPOSITORY, "--image", local_image)
    assert run.code == 10, run.stderr
    assert registry.released() == {}


def test_an_image_that_the_engine_does_not_have(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    run = cli.run(project.root, "-r", REPOSITORY, "--image", "none-such:1")
    assert run.code == 3
    assert "there is no image none-such:1 in the engine" in run.stderr
    assert run.document["failure"]["phase"] == "registry"
    made = cli.run(project.root, "-r", "team/new", "--create-repository", "--image", "none-such:1")
    assert (made.code, made.document["createdRepository"]) == (3, None)
    assert registry.tags() == {}


def test_a_push_by_the_engine_that_is_refused(
    cli: CommandLine, project: GitRepository, registry: Registry, local_image: str
) -> None:
    registry.play("faults: [{plane: v2, operation: PutManifest, status: 403, times: always}]")
    run = cli.run(project.root, "-r", REPOSITORY, "--image", local_image)
    assert run.code == 4, run.stderr
    assert "the candidate could not be pushed" in run.stderr
    assert held_candidates(registry) == []


@pytest.mark.usefixtures("without_buildx")
def test_the_engines_own_builder(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    project.commit(
        "Argument", {"Dockerfile": "FROM scratch\nARG FLAVOUR\nCOPY rootfs /\nLABEL flavour=$FLAVOUR\n"}
    )
    run = cli.run(project.root, "-r", REPOSITORY, "--build-arg", "FLAVOUR=plain")
    assert run.code == 0, run.stderr
    labels = registry.labels(run.image)
    assert labels["flavour"] == "plain"
    assert labels["org.opencontainers.image.revision"] == project.head
    assert registry.tags()["1.4.3-dev.1"] == run.digest
    assert held_candidates(registry) == []


@pytest.mark.usefixtures("without_buildx")
def test_the_engines_own_builder_cannot_build(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    project.commit("Break it", {"Dockerfile": "FROM scratch\nCOPY missing /\n"})
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 3, run.stderr
    assert "missing" in run.stderr
    assert registry.tags() == {}


@pytest.mark.usefixtures("without_buildx")
def test_several_platforms_need_buildx(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    run = cli.run(project.root, "-r", REPOSITORY, "--platform", "linux/amd64,linux/arm64")
    assert run.code == 2
    assert "without buildx there is no build for several platforms" in run.stderr
    assert registry.tags() == {}


@pytest.mark.usefixtures("without_buildx")
def test_the_engines_own_builder_is_interrupted(
    cli: CommandLine, project: GitRepository, registry: Registry, gate: Gate
) -> None:
    project.commit("Slow", images.waiting_for(gate.url))
    run = cli.start_run(project.root, "-r", REPOSITORY)
    run.until(gate.arrived.is_set, "the build")
    run.signal(signal.SIGTERM)
    assert run.end().code == 143
    assert registry.tags() == {}


def test_a_dockerignore_counts_without_buildx_too(
    cli: CommandLine, project: GitRepository, registry: Registry, without_buildx: Path
) -> None:
    project.commit("Ignore", {".dockerignore": "rootfs/secret\n", "rootfs/secret": "mine\n"})
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 0, run.stderr
    manifest = registry.manifest(run.image)
    [layer] = [layer["digest"] for layer in manifest["layers"]]
    exported = subprocess.run(
        ["crane", "export", run.image, "-"],
        env=dict(registry.client.environ),
        capture_output=True,
        check=True,
    ).stdout
    assert b"etc/os-release" in exported, layer
    assert b"rootfs/secret" not in exported
    assert b"mine\n" not in exported


@pytest.mark.usefixtures("without_buildx")
def test_the_engines_builder_reads_dockerignore_and_a_dockerfile_elsewhere(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    project.commit("Ignore", {".dockerignore": "# not these\nrootfs/secret\n\n", "rootfs/secret": "hush\n"})
    elsewhere = tmp_path / "Elsewhere"
    elsewhere.write_text("FROM scratch\nCOPY rootfs /\nLABEL from=elsewhere\n")
    run = cli.run(project.root, "-r", REPOSITORY, "-f", elsewhere)
    assert run.code == 0, run.stderr
    assert registry.labels(run.image)["from"] == "elsewhere"
    listed = registry.client.ask("sh", "-c", f"crane export {run.image} - | tar -t")
    assert "etc/os-release" in listed
    assert "secret" not in listed


def as_a_fork(cli: CommandLine, project: GitRepository, tmp_path: Path) -> None:
    """Lets the next run be one of a fork's pull request, with the job's secrets in the environment."""
    cli.environ |= pull_request_of_a_fork(project.head, tmp_path)
    cli.environ["CANARY"] = "canary-of-the-environment"


@pytest.mark.parametrize(
    ("builder", "link", "target"),
    [
        ("buildx", "Dockerfile", "{host}/Dockerfile"),
        ("buildx", "Dockerfile", ".git/config"),
        ("buildx", "docker", "{host}"),
        ("engine", "Dockerfile", "{host}/Dockerfile"),
        ("engine", "Dockerfile", "/proc/self/environ"),
        ("engine", ".dockerignore", "{host}/Dockerfile"),
    ],
)
def test_a_forks_link_shows_no_file_of_the_machine(
    builder: str, link: str, target: str, cli: CommandLine, project: GitRepository, tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    if builder != "buildx":
        request.getfixturevalue("without_buildx")
    host = tmp_path / "host"
    host.mkdir()
    (host / "Dockerfile").write_text("canary_of_the_host = 1\n")
    project.git("config", "http.extraheader", "canary-of-the-runner")
    (project.root / link).unlink(missing_ok=True)
    (project.root / link).symlink_to(target.format(host=host))
    project.commit("Link")
    as_a_fork(cli, project, tmp_path)
    named = ("-f", project.root / "docker" / "Dockerfile") if link == "docker" else ()
    run = cli.run(project.root, "-r", REPOSITORY, *named)
    assert run.code == 2, run.stderr
    assert "by a symlink" in run.stderr and ": name the file itself" in run.stderr
    assert "canary" not in run.stderr + run.stdout


def test_an_index_of_which_the_engine_has_one_platform_is_not_pushed_in_silence(
    cli: CommandLine, project: GitRepository, registry: Registry, client: Client
) -> None:
    """As after `docker pull`, which fetches the engine's own platform alone."""
    registry.create("team/several")
    both = cli.run(
        *(project.root, "-r", "team/several", "--platform", "linux/amd64,linux/arm64"),
        *("--annotation", "index:a=b", "--annotation", "manifest-descriptor[linux/arm64]:c=d"),
    )
    assert both.code == 0, both.stderr
    index = registry.manifest(both.image)
    assert index["annotations"] == {"a": "b"}
    assert [one.get("annotations") for one in index["manifests"]] == [None, {"c": "d"}]
    image = f"{registry.sandbox.host}/team/several:1.4.2"
    client.ask("docker", "pull", "--quiet", image)
    run = cli.run(project.root, "-r", REPOSITORY, "--image", image)
    assert run.code == 0, run.stderr
    pushed = registry.manifest(run.image)
    assert ("manifests" in pushed) == (run.digest == both.digest)
    if "manifests" not in pushed:  # with containerd's image store
        assert "the others are not released" in run.stderr
        assert "alone, and pushed that" in run.stderr


@pytest.fixture
def engine_of_29_10(cli: CommandLine) -> None:
    """A docker command whose engine has `"insecure-registries": []`, and no longer trusts loopback."""
    real = shutil.which("docker")
    program = cli.folder / "new" / "docker"
    program.parent.mkdir()
    said = '{"IndexConfigs":{"docker.io":{"Secure":true}},"InsecureRegistryCIDRs":[],"Mirrors":null}'
    program.write_text(f'#!/bin/sh\n[ "$1" = info ] && echo \'{said}\' && exit\nexec {real} "$@"\n')
    program.chmod(0o755)
    cli.environ["PATH"] = f"{program.parent}:{cli.environ['PATH']}"


@pytest.mark.parametrize("is_built", [True, False])
def test_an_engine_that_does_not_push_over_http_is_known_before_the_build(
    is_built: bool,
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    request: pytest.FixtureRequest,
) -> None:
    words = () if is_built else ("--image", request.getfixturevalue("local_image"))
    request.getfixturevalue("engine_of_29_10")
    run = cli.run(project.root, "-r", REPOSITORY, *words)
    assert run.code == 3, run.stderr
    assert "the Docker engine does not push to registries on this machine over HTTP" in run.stderr
    assert f"the registry is {registry.sandbox.host}" in run.stderr
    assert "127.0.0.0/8" in run.stderr and "daemon.json" in run.stderr
    assert registry.tags() == {}


@pytest.mark.usefixtures("engine_of_29_10")
def test_the_sandbox_says_so_when_it_starts(cli: CommandLine) -> None:
    run = cli.start("sandbox")
    run.until_printed("daemon.json")
    run.signal(signal.SIGTERM)
    assert run.end().code == 143
