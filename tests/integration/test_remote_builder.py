"""A BuildKit somewhere else, and no docker here: the engine's own BuildKit behind a port of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecr_push.base.errors import BuildError
from ecr_push.builder import remote_buildkit
from ecr_push.builder.buildkit_address import Address, address_of
from ecr_push.builder.buildx_program import standalone
from ecr_push.builder.remote_buildkit import check_address
from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.fakes import FakeNarrator
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry
from tests.support.tls_engine import Server, buildkit, certificates

CREATE = "--create-repository"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates(tmp_path_factory.mktemp("tls") / "certificates")


@pytest.fixture
def without_docker(cli: CommandLine) -> CommandLine:
    """A machine with git and buildx, and neither a docker command nor an engine."""
    [plugin] = standalone({}, plugins=True)
    folder = cli.folder / "programs"
    folder.mkdir()
    for name in ("git", "sh", "env"):
        (folder / name).symlink_to(str(shutil.which(name)))
    (folder / "docker-buildx").symlink_to(plugin)
    cli.environ |= {"PATH": str(folder), "DOCKER_HOST": f"unix://{folder}/none.sock"}
    return cli


@pytest.fixture
def plain(engine: None) -> Iterator[Server]:
    with buildkit() as server:
        yield server


def test_the_address_of_the_environment_is_enough(
    without_docker: CommandLine, project: GitRepository, registry: Registry, plain: Server
) -> None:
    run = without_docker.run(project.root, "-r", REPOSITORY, CREATE, BUILDKIT_HOST=plain.address)
    assert run.code == 0, run.stderr
    assert f"docker-buildx create --name=ecr-push --driver=remote {plain.address}" in run.stderr
    assert registry.tags()["1.4.2"] == run.digest
    assert not (without_docker.home / ".docker").exists()


def test_with_certificates_and_a_builder_of_the_users_own(
    without_docker: CommandLine, project: GitRepository, registry: Registry, files: Path, engine: None
) -> None:
    """An argument goes through bake, and both go to one BuildKit, so that the second finds every step."""
    with buildkit(files) as server:
        tls = ",".join(
            f"{name}={os.path.relpath(files / file)}"
            for name, file in (("cacert", "ca.pem"), ("cert", "cert.pem"), ("key", "key.pem"))
        )
        words = ("-r", REPOSITORY, CREATE, "--build-arg", "VERSION=7")
        first = without_docker.run(project.root, *words, "--builder", f"{server.address},{tls}")
        assert first.code == 0, first.stderr

        program = without_docker.folder / "programs" / "docker-buildx"
        options = [f"--driver-opt={one}" for one in tls.replace("=", f"={Path.cwd()}/").split(",")]
        create = (str(program), "create", "--name=far", "--driver=remote", "--use", *options, server.address)
        subprocess.run(create, env=without_docker.environ, check=True, capture_output=True)
        project.commit("Again", {"README": "text\n"})
        second = without_docker.run(project.root, *words)
        assert second.code == 0, second.stderr
    assert "create --name=ecr-push" not in second.stderr
    assert {first.digest, second.digest} <= set(registry.tags().values())


def test_one_that_dies_ends_the_run_and_pushes_nothing(
    without_docker: CommandLine, project: GitRepository, registry: Registry, plain: Server, gate: Gate
) -> None:
    project.commit("Slow", images.waiting_for(gate.url))
    run = without_docker.start_run(project.root, "-r", REPOSITORY, CREATE, "--builder", plain.address)
    run.until(gate.arrived.is_set, "the build")
    plain.die()
    ended = run.end()
    assert (ended.code, ended.document["failure"]["phase"]) == (3, "build"), ended.stderr
    assert not registry.tags()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), ("nothing on this machine builds images", "BUILDKIT_HOST", "install docker, podman or buildah")),
        (("--builder", "tcp://127.0.0.1:1"), ("no BuildKit answers at tcp://127.0.0.1:1", "refused")),
        (("--builder", "kube-pod://buildkit"), ("reached through kubectl, which is not in the PATH",)),
        (("--builder", "podman"), ("there is no podman in the PATH",)),
        (("--builder", "gone"), ("there is no buildx builder 'gone'", "docker-buildx create --name`, give")),
    ],
)
def test_nothing_builds(
    words: tuple[str, ...],
    expected: tuple[str, ...],
    without_docker: CommandLine,
    project: GitRepository,
    registry: Registry,
) -> None:
    run = without_docker.run(project.root, "-r", REPOSITORY, CREATE, *words)
    assert run.code == 3, run.stderr
    assert all(one in run.stderr for one in expected), run.stderr
    assert not registry.exists()


# ------------------------------------------------------------------------- what answers at an address


def problem(address: Address) -> str:
    """What is wrong with it, "" for nothing; and nothing is waited for."""
    try:
        check_address(address, {"PATH": os.environ["PATH"]}, FakeNarrator())
    except BuildError as error:
        return f"{error.what}: {error.why}"
    return ""


def with_tls(server: Server, files: Path, **changed: str) -> Address:
    given = {"cacert": files / "ca.pem", "cert": files / "cert.pem", "key": files / "key.pem", **changed}
    return address_of(
        ",".join((server.address, *(f"{name}={value}" for name, value in given.items() if value)))
    )


def test_what_a_buildkit_with_certificates_accepts(files: Path, tmp_path: Path, engine: None) -> None:
    others = certificates(tmp_path / "others")
    with buildkit(files) as server:
        assert not problem(with_tls(server, files))
        assert "if it asks for TLS, give ADDRESS,cacert" in problem(address_of(server.address))
        assert "certificate is not accepted" in problem(
            with_tls(server, files, cacert=str(others / "ca.pem"))
        )
        assert "certificate is not accepted" in problem(with_tls(server, files, servername="elsewhere"))
        assert "are not there: key=/nowhere" in problem(with_tls(server, files, key="/nowhere"))
        assert "TLS fails" in problem(with_tls(server, files, cert="", key=""))
        assert "TLS fails" in problem(with_tls(server, others, cacert=str(files / "ca.pem")))


def test_what_speaks_as_buildkit_does_not(
    files: Path, plain: Server, gate: Gate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not problem(address_of(plain.address))
    assert "TLS fails" in problem(with_tls(plain, files))
    web = gate.url.replace("http://", "tcp://").rpartition("/")[0]
    assert "what answers there speaks no HTTP/2" in problem(address_of(web))
    assert "No such file" in problem(address_of(f"unix://{tmp_path}/none.sock"))
    with monkeypatch.context() as hurried, socket.create_server(("127.0.0.1", 0)) as silent:
        hurried.setattr(remote_buildkit, "TIMEOUT_SECONDS", 0.2)
        assert "it does not answer within 0.2 s" in problem(
            address_of(f"tcp://127.0.0.1:{silent.getsockname()[1]}")
        )
    with socket.create_server(("127.0.0.1", 0)) as closing:
        threading.Thread(target=_hang_up, args=(closing,), daemon=True).start()
        found = problem(address_of(f"tcp://127.0.0.1:{closing.getsockname()[1]}"))
        assert "it ends the connection; if it asks for TLS" in found


def _hang_up(server: socket.socket) -> None:
    server.accept()[0].close()
