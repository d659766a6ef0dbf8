"""The build: what it is given, what it must not show, and how its failures are reported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import images
from tests.support.ci import ON_BRANCH, SHA
from tests.support.command_line import CommandLine, shows_a_token
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.paths import path_with
from tests.support.registry import REPOSITORY, Registry

SECRET = "xyzzy-not-for-your-eyes"


@pytest.fixture(autouse=True)
def _repository(registry: Registry) -> None:
    registry.create()


def test_a_missing_dockerfile_is_found_before_anything_is_asked(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    project.git("rm", "--quiet", "Dockerfile")
    project.commit("No Dockerfile")
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 2
    assert f"there is no Dockerfile in {project.root}" in run.stderr
    assert "--dockerfile" in run.stderr
    assert not any(registry.sandbox.faults.requests().values())


@pytest.mark.parametrize("ci", ON_BRANCH)
def test_a_checkout_that_was_forgotten(ci: str, cli: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    folder.mkdir()
    step = {"github": "actions/checkout", "jenkins": "`checkout scm`", "codebuild": "CODEBUILD_SRC_DIR"}
    run = cli.run(folder, "-r", REPOSITORY, **ON_BRANCH[ci])
    assert run.code == 2, run.stderr
    assert "the repository was not checked out here" in run.stderr
    assert step.get(ci, "clone" if ci == "bitbucket" else "GIT_STRATEGY") in run.stderr
    nameless = {name: text for name, text in ON_BRANCH[ci].items() if text != SHA}
    run = cli.run(folder, "-r", REPOSITORY, **nameless)
    assert run.code == 2 and "the repository was not checked out here" in run.stderr, run.stderr
    (folder / "Dockerfile").write_text("FROM scratch\n")
    run = cli.run(folder, "-r", REPOSITORY, **nameless)
    assert run.code == 2 and "is not in a git repository" in run.stderr, run.stderr
    assert step.get(ci, "") in run.stderr


def test_no_engine(cli: CommandLine, project: GitRepository, registry: Registry) -> None:
    run = cli.run(project.root, "-r", REPOSITORY, DOCKER_HOST="unix:///nowhere/docker.sock")
    assert run.code == 3
    assert "no Docker engine answers" in run.stderr
    assert "DOCKER_HOST" in run.stderr
    assert not registry.pushed_to


def test_no_docker_command(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    """The engine's own builder needs no docker command; without an engine either there is nothing left."""
    path = path_with(tmp_path / "bin", "git")
    run = cli.run(project.root, "-r", REPOSITORY, PATH=path, DOCKER_HOST="unix:///nowhere/docker.sock")
    assert run.code == 3
    assert "there is no docker command in the PATH" in run.stderr
    assert not registry.pushed_to


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("dockerfile", "reason"),
    [
        ("FROM scratch\nCOPY missing /\n", "missing"),
        ("FROM scratch\nNONSENSE\n", "unknown instruction: NONSENSE"),
        ("", "the Dockerfile cannot be empty"),
    ],
    ids=["missing file", "unknown instruction", "empty"],
)
def test_a_broken_dockerfile(
    cli: CommandLine, project: GitRepository, registry: Registry, dockerfile: str, reason: str
) -> None:
    project.commit("Break it", {"Dockerfile": dockerfile})
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 3, run.stderr
    assert run.document["failure"]["kind"] == "build"
    assert reason in run.document["failure"]["why"]
    assert registry.tags() == {}


@pytest.mark.usefixtures("engine")
def test_dockerfile_target_and_build_arguments(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    project.commit(
        "Stages",
        {
            "docker/App.Dockerfile": (
                "FROM scratch AS app\nARG FLAVOUR\nCOPY rootfs /\nLABEL flavour=${FLAVOUR}\n"
                "FROM app AS debug\nLABEL debug=yes\n"
            )
        },
    )
    run = cli.run(
        *(project.root, "-r", REPOSITORY, "-f", project.root / "docker/App.Dockerfile"),
        *("--target", "app", "--build-arg", "FLAVOUR=plain", "--build-arg", f"TOKEN={SECRET}"),
    )
    assert run.code == 0, run.stderr
    assert "build argument TOKEN has no effect" in run.stderr
    assert "FLAVOUR has no effect" not in run.stderr
    labels = registry.labels(run.image)
    assert labels["flavour"] == "plain"
    assert "debug" not in labels


@pytest.mark.usefixtures("engine")
def test_a_build_argument_that_is_a_secret_is_seen_nowhere(
    cli: CommandLine, project: GitRepository, registry: Registry, gate: Gate
) -> None:
    """Not by other users of the machine, who may read every argv, nor by readers of the log."""
    project.commit("Slow", images.waiting_for(gate.url))
    run = cli.start_run(project.root, "-r", REPOSITORY, ECR_PUSH_BUILD_ARG=f"TOKEN={SECRET}")
    run.until(gate.arrived.is_set, "the build")
    run.until_printed("build argument TOKEN looks like a secret")  # before anything is built
    commands = list(run.processes().values())
    assert any("buildx build" in command for command in commands)
    assert not any(SECRET in command for command in commands)
    gate.open()
    ended = run.end()
    assert ended.code == 0, ended.stderr
    assert SECRET not in ended.stdout + ended.stderr + json.dumps(ended.document)
    assert "--build-arg=TOKEN" in ended.stderr


@pytest.mark.usefixtures("engine")
def test_the_registrys_token_is_nowhere_in_the_image_nor_in_an_argv(
    cli: CommandLine, project: GitRepository, registry: Registry, gate: Gate
) -> None:
    project.commit("Slow", images.waiting_for(gate.url))
    run = cli.start_run(project.root, "-r", REPOSITORY)
    run.until(gate.arrived.is_set, "the build")
    run.until(lambda: registry.asked("GetAuthorizationToken"), "the login beside the build")
    assert not any(shows_a_token(command) for command in run.processes().values())
    config = [path for path in cli.temporary.glob("ecr-push-*") if (path / "config.json").exists()]
    assert [oct(path.stat().st_mode)[-3:] for path in config] == ["700"]
    assert not any(shows_a_token(file.read_bytes()) for file in config[0].rglob("*") if file.is_file())
    gate.open()
    image = run.end().image
    history = registry.client.ask("crane", "config", image) + registry.client.ask("crane", "manifest", image)
    assert not shows_a_token(history)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("more", [(), ("--build-arg", "A=b")], ids=["build", "bake"])
def test_an_address_of_the_dockerfile_is_shown_without_its_user(
    more: tuple[str, ...], cli: CommandLine, project: GitRepository
) -> None:
    address = f"http://ann:{SECRET}@127.0.0.1:9/archive.tgz"
    project.commit("Fetch", {"Dockerfile": f"FROM scratch\nARG A\nADD {address} /\n"})
    run = cli.run(project.root, "-r", REPOSITORY, *more)
    assert run.code == 3, run.stderr
    assert "http://127.0.0.1:9/archive.tgz" in run.stderr
    assert SECRET not in run.stderr + json.dumps(run.document)


@pytest.mark.parametrize("command", ["run", "plan", "tags"])
def test_a_token_in_the_address_of_a_context_is_refused_and_not_shown(
    command: str, cli: CommandLine, registry: Registry
) -> None:
    address = f"https://user:{SECRET}@127.0.0.1:9/o/app.git#main:app"
    ended = cli.command(command, address)
    assert ended.code == 2
    assert "https://127.0.0.1:9/o/app.git#main:app: no credentials in an address" in ended.stderr
    assert SECRET not in ended.stdout + ended.stderr
    assert registry.sandbox.faults.requests() == {"api": {}, "v2": {}}
    also = cli.command(command, ".", address)
    why = "unexpected extra argument" if command != "run" else "one directory or address is built"
    assert also.code == 2 and why in also.stderr and SECRET not in also.stderr


@pytest.mark.usefixtures("engine")
def test_the_users_docker_configuration_is_used_and_not_touched(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    """A context of the user's leads to the engine; what the configuration holds stays as it was."""
    host = cli.environ.pop("DOCKER_HOST", "unix:///var/run/docker.sock")
    folder = cli.home / ".docker"
    folder.mkdir()
    helper = cli.folder / "docker-credential-mine"
    helper.write_text("#!/bin/sh\nexit 1\n")
    helper.chmod(0o755)
    stale = {"auth": "QVdTOnN0YWxl"}  # for our very registry: it must not be sent
    (folder / "config.json").write_text(
        json.dumps(
            {
                "auths": {registry.sandbox.host: stale, "ghcr.io": {"auth": "eDp5"}},
                "credHelpers": {"gcr.io": "mine"},
                "credsStore": "mine",
            }
        )
    )
    registry.client.ask(
        "env",
        f"DOCKER_CONFIG={folder}",
        *("docker", "context", "create", "mine", "--docker", f"host={host}"),
    )
    registry.client.ask("env", f"DOCKER_CONFIG={folder}", "docker", "context", "use", "mine")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert len(before) > 1
    path = f"{helper.parent}:{cli.environ['PATH']}"
    run = cli.run(project.root, "-r", REPOSITORY, PATH=path)
    assert run.code == 0, run.stderr
    assert 'building with "mine" instance' in run.stderr
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.usefixtures("engine")
def test_a_long_path_for_temporary_files(cli: CommandLine, project: GitRepository) -> None:
    """CIs have them; a socket's path has 107 characters at the most."""
    long = cli.folder / ("a" * 60) / ("b" * 60)
    long.mkdir(parents=True)
    run = cli.run(project.root, "-r", REPOSITORY, TMPDIR=str(long))
    assert run.code == 0, run.stderr
    assert not list(long.iterdir())


OCI = "application/vnd.oci.image."


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("more", "index"),
    [
        ((), False),
        (("--build-arg", "A=b"), False),
        (("--annotation", "com.example.team=shop"), False),
        (("--platform", "linux/amd64,linux/arm64", "--annotation", "com.example.team=shop"), True),
    ],
    ids=["build", "bake", "annotated", "index"],
)
def test_what_is_pushed_has_the_media_types_of_oci(
    more: tuple[str, ...], index: bool, cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    """Annotations, for one, exist in no other manifest."""
    run = cli.run(project.root, "-r", REPOSITORY, *more)
    assert run.code == 0, run.stderr
    found = registry.manifest(run.image)
    if index:
        assert found["mediaType"] == f"{OCI}index.v1+json"
        found = registry.manifest(f"{run.image.partition('@')[0]}@{found['manifests'][0]['digest']}")
    assert found["mediaType"] == f"{OCI}manifest.v1+json"
    assert found["config"]["mediaType"] == f"{OCI}config.v1+json"
    assert {layer["mediaType"] for layer in found["layers"]} == {f"{OCI}layer.v1.tar+gzip"}
    if "--annotation" in more:
        assert found["annotations"]["com.example.team"] == "shop"
