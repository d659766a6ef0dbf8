"""Clients of others, installed by scripts/independent-clients: `make test-clients` runs these tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support.independent_clients import Program, folder_of
from tests.support.registry import Client, client_of, remove_images

ACCOUNT = "123456789012"
Open = Callable[..., Program]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(scan_delay=0.0, account=ACCOUNT)) as sandbox:
        yield sandbox
        remove_images(sandbox.host, sandbox.public_host)


@pytest.fixture
def client(sandbox: Sandbox, tmp_path: Path, client_path: str) -> Client:
    """The AWS CLI and crane, to read back what a client has done."""
    return client_of(sandbox, tmp_path / "reads", client_path)


@pytest.fixture
def program(sandbox: Sandbox, tmp_path: Path) -> Open:
    """Opens a client, its programs first on the PATH."""

    def opened(name: str, folder: str = "bin", **more: str) -> Program:
        work = tmp_path / name
        work.mkdir()
        return Program(sandbox, work, f"{folder_of(name)}/{folder}:/usr/local/bin:/usr/bin:/bin", more)

    return opened
