"""The docker context in use, as the docker command sees it, and what becomes of one that cannot be used."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from ecr_push.base.errors import BuildError
from ecr_push.builder.docker_context import endpoint
from ecr_push.builder.docker_engine import connect
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry
from tests.support.tls_engine import certificates, tls_engine


def environ(config: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "DOCKER_CONFIG": str(config), **more}


def create_context(config: Path, name: str, endpoint: str) -> None:
    command = ["docker", "context", "create", name, "--docker", endpoint]
    subprocess.run(command, env=environ(config), check=True, capture_output=True)


def use_context(config: Path, name: str) -> None:
    config.mkdir(exist_ok=True)
    (config / "config.json").write_text(json.dumps({"currentContext": name}))


def host_that_docker_uses(variables: dict[str, str]) -> str:
    command = ["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]
    return subprocess.run(command, env=variables, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ({}, "tcp://127.0.0.1:1"),
        ({"DOCKER_CONTEXT": "other"}, "tcp://127.0.0.1:2"),
        ({"DOCKER_CONTEXT": "default"}, ""),
        ({"DOCKER_CONTEXT": "other", "DOCKER_HOST": "tcp://127.0.0.1:3"}, "tcp://127.0.0.1:3"),
        ({"DOCKER_CONTEXT": "missing", "DOCKER_HOST": "tcp://127.0.0.1:3"}, "tcp://127.0.0.1:3"),
        ({"DOCKER_HOST": ""}, "tcp://127.0.0.1:1"),
        ({"DOCKER_CONTEXT": "", "DOCKER_HOST": ""}, "tcp://127.0.0.1:1"),
        # Without TLS_VERIFY they say where files would be, and no more.
        ({"DOCKER_HOST": "tcp://127.0.0.1:3", "DOCKER_CERT_PATH": "/nowhere"}, "tcp://127.0.0.1:3"),
    ],
)
def test_the_engine_is_the_one_that_docker_uses(tmp_path: Path, variables: dict[str, str], host: str) -> None:
    create_context(tmp_path, "remote", "host=tcp://127.0.0.1:1")
    create_context(tmp_path, "other", "host=tcp://127.0.0.1:2")
    use_context(tmp_path, "remote")
    found = endpoint(environ(tmp_path, **variables))
    assert (found.host, found.tls) == (host, False)
    if "DOCKER_HOST" not in variables or not variables["DOCKER_HOST"]:  # inspect names the context's own
        assert (host or "unix:///var/run/docker.sock") == host_that_docker_uses(
            environ(tmp_path, **variables)
        )


@pytest.mark.parametrize("command", ["docker", ""], ids=["with docker", "without docker"])
@pytest.mark.parametrize("from_environment", [True, False], ids=["DOCKER_CONTEXT", "currentContext"])
def test_a_missing_context_is_an_error(tmp_path: Path, from_environment: bool, command: str) -> None:
    if not from_environment:
        use_context(tmp_path, "foo")
    variables = {"DOCKER_CONTEXT": "foo"} if from_environment else {}
    if not command:
        variables["PATH"] = str(tmp_path)
    with pytest.raises(BuildError) as caught:
        connect(environ(tmp_path, **variables))
    assert caught.value.what == "docker context 'foo' not found"
    assert caught.value.why == ""  # where it was looked for is a folder of the run's own
    assert "docker context ls" in caught.value.remedy


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"Endpoints": {"docker": []}}', '{"Endpoints": {}}'])
def test_a_context_that_cannot_be_read_is_an_error(tmp_path: Path, text: str) -> None:
    create_context(tmp_path, "odd", "host=tcp://127.0.0.1:1")
    (file,) = (tmp_path / "contexts" / "meta").glob("*/meta.json")
    file.write_text(text)
    with pytest.raises(BuildError, match="docker context 'odd'"):
        endpoint(environ(tmp_path, DOCKER_CONTEXT="odd"))


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
    assert endpoint(environ(tmp_path, PATH=f"{tmp_path}:/usr/bin:/bin", **variables)).host == ""


def test_without_a_docker_command_the_default_engine_is_used(tmp_path: Path) -> None:
    assert endpoint(environ(tmp_path, PATH=str(tmp_path))).host == ""


@pytest.mark.parametrize("variable", ["DOCKER_TLS_VERIFY", "DOCKER_TLS"])
def test_tls_without_an_authority_is_refused_as_docker_refuses_it(tmp_path: Path, variable: str) -> None:
    variables = environ(tmp_path, **{variable: "1", "DOCKER_HOST": "tcp://127.0.0.1:1"})
    asked = subprocess.run(["docker", "version"], env=variables, capture_output=True, text=True)
    assert f"{tmp_path}/ca.pem" in asked.stderr
    with pytest.raises(BuildError) as caught:
        connect(variables)
    assert f"{tmp_path}/ca.pem" in caught.value.why and "DOCKER_CERT_PATH" in caught.value.remedy


def test_an_engine_over_ssh_is_not_the_default_one(tmp_path: Path) -> None:
    create_context(tmp_path, "far", "host=ssh://ann@far.example")
    with pytest.raises(BuildError, match="over ssh:// can only be used through buildx") as caught:
        connect(environ(tmp_path, DOCKER_CONTEXT="far"))
    assert "ssh://far.example" in caught.value.why and "ann" not in caught.value.why


@pytest.mark.usefixtures("engine")
def test_an_engine_that_asks_for_certificates(tmp_path: Path) -> None:
    """By a context, and by the variables with the files in the configuration's folder, or elsewhere."""
    files = certificates(tmp_path / "certificates")
    paths = ",".join(f"{name}={files / f'{name}.pem'}" for name in ("ca", "cert", "key"))
    config = tmp_path / "config"
    with tls_engine(files) as address:
        create_context(config, "safe", f"host={address},{paths}")
        create_context(config, "unsafe", f"host={address}")
        create_context(config, "stranger", f"host={address},ca={files / 'ca.pem'}")
        assert connect(environ(config, DOCKER_CONTEXT="safe")).ping()
        for name in ("unsafe", "stranger"):
            asked = ["docker", "--context", name, "version"]
            assert subprocess.run(asked, env=environ(config), capture_output=True).returncode
            with pytest.raises(BuildError, match="no Docker engine answers"):
                connect(environ(config, DOCKER_CONTEXT=name))
        variables = {"DOCKER_HOST": address, "DOCKER_TLS_VERIFY": "1"}
        assert connect(environ(config, DOCKER_CERT_PATH=str(files), **variables)).ping()
        for name in ("ca.pem", "cert.pem", "key.pem"):
            (config / name).write_bytes((files / name).read_bytes())
        assert connect(environ(config, **variables)).ping()
        assert connect(environ(config, DOCKER_HOST=address, DOCKER_TLS="1")).ping()


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("way", ["context", "variables"])
def test_a_whole_run_on_an_engine_that_asks_for_certificates(
    way: str, cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    """The run has a Docker configuration of its own: the user's certificates are found all the same."""
    registry.create()
    files = certificates(tmp_path / "certificates")
    config = cli.home / ".docker"
    config.mkdir()
    cli.environ.pop("DOCKER_HOST", None)
    with tls_engine(files) as address:
        if way == "context":
            paths = ",".join(f"{name}={files / f'{name}.pem'}" for name in ("ca", "cert", "key"))
            create_context(config, "safe", f"host={address},{paths}")
            use_context(config, "safe")
            variables = {}
        else:
            for name in ("ca.pem", "cert.pem", "key.pem"):
                (config / name).write_bytes((files / name).read_bytes())
            variables = {"DOCKER_HOST": address, "DOCKER_TLS_VERIFY": "1"}
        run = cli.run(project.root, "-r", REPOSITORY, **variables)
    assert run.code == 0, run.stderr


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("more", [(), ("--platform", "linux/amd64,linux/arm64"), ("--image", "any:1")])
def test_a_run_with_a_missing_context_ends_before_anything_is_built(
    more: tuple[str, ...], cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    cli.environ.pop("DOCKER_HOST", None)
    run = cli.run(project.root, "-r", REPOSITORY, *more, DOCKER_CONTEXT="foo")
    assert run.code == 3, run.stderr
    assert "docker context 'foo' not found" in run.stderr
    assert registry.tags() == {}
