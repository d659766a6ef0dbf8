"""The real parts: an engine, a sandbox over HTTP, git checkouts, the command line, clients of others."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support import held_policies, images
from tests.support.command_line import CommandLine
from tests.support.containers import Site
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.paths import ROOT
from tests.support.registry import Client, Registry, client_of, remove_images


@pytest.fixture(autouse=True)
def _own_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 keeps one session for a process, and with it the profiles of the test that used it first."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.fixture(autouse=True)
def _holds_what_it_stands_for(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that a command or an option relies on has run it under the policy that is printed for it."""
    held_policies.enforced.clear()
    yield
    if left := held_policies.not_enforced(request.node.name):
        pytest.fail(f"it has enforced no policy of {', '.join(left)}: see tests/support/held_policies.py")


@pytest.fixture(scope="session")
def engine() -> None:
    """A Docker engine answers. It is a failure when none does: what cannot be tested does not pass."""
    asked = subprocess.run(
        ["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True
    )
    if asked.returncode:
        pytest.fail(f"no Docker engine answers; `scripts/engine up` starts one: {asked.stderr.strip()}")


@pytest.fixture(scope="session")
def site(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site.made_in(tmp_path_factory.mktemp("site") / "wheels")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of the test's own, whose scans answer at once. What it left in the engine is removed."""
    with Sandbox(SandboxOptions(scan_delay=0.0)) as sandbox:
        yield sandbox
        remove_images(sandbox.host, sandbox.public_host)


@pytest.fixture
def cli(sandbox: Sandbox, tmp_path: Path) -> CommandLine:
    """The command line, led to the sandbox."""
    return CommandLine.at(tmp_path, sandbox.environment)


@pytest.fixture
def project(tmp_path: Path) -> GitRepository:
    """A checkout whose first commit is v1.4.2, of an image without findings."""
    made = GitRepository.init(tmp_path / "app")
    made.commit("First", images.CLEAN)
    made.tag("v1.4.2")
    return made


@pytest.fixture
def without_buildx(cli: CommandLine) -> Path:
    """A docker command that knows no buildx, first on the PATH; the engine behind it is the real one."""
    real = shutil.which("docker")
    folder = cli.folder / "bin"
    folder.mkdir()
    program = folder / "docker"
    program.write_text(
        '#!/bin/sh\nif [ "$1" = buildx ]; then\n'
        "  echo \"docker: 'buildx' is not a docker command.\" >&2\n  exit 1\nfi\n"
        f'exec {real} "$@"\n'
    )
    program.chmod(0o755)
    cli.environ["PATH"] = f"{folder}:{cli.environ['PATH']}"
    return folder


@pytest.fixture
def gate() -> Iterator[Gate]:
    with Gate() as gate:
        yield gate


@pytest.fixture(scope="session")
def client_path() -> str:
    """A PATH with crane, skopeo and oras."""
    found = subprocess.run([ROOT / "scripts" / "engine", "clients"], capture_output=True, text=True)
    if found.returncode:
        pytest.fail(f"`scripts/engine clients` installs crane, skopeo and oras, and failed: {found.stderr}")
    return f"{found.stdout.strip()}:{Path(sys.executable).parent}:{os.environ['PATH']}"


@pytest.fixture
def client(sandbox: Sandbox, tmp_path: Path, client_path: str) -> Client:
    return client_of(sandbox, tmp_path / "clients", client_path)


@pytest.fixture
def registry(sandbox: Sandbox, client: Client) -> Registry:
    return Registry(sandbox, client)
