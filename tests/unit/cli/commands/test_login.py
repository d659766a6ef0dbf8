"""`ecr-push login`, with a stand-in for docker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ecr_push.base import process
from tests.support.fakes import HOST
from tests.unit.cli.commands.conftest import Console


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The calls of docker, which succeeds."""
    calls: list[dict[str, Any]] = []

    def run(argv: Sequence[str], **more: Any) -> process.Completed:
        calls.append({"argv": argv, **more})
        return process.Completed(0, ("Login Succeeded",))

    monkeypatch.setattr(process, "run", run)
    return calls


def test_docker_gets_the_password_on_standard_input(console: Console, docker: list[dict[str, Any]]) -> None:
    assert console.run("login") == 0
    [call] = docker
    assert call["argv"] == ("docker", "login", "--username", "AWS", "--password-stdin", HOST)
    assert call["stdin"] == "dummy-password"
    assert "docker is logged in to" in console.err and "dummy-password" not in console.err


def test_without_docker(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*arguments: Any, **more: Any) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(process, "run", run)
    assert console.run("login") == 2
    assert "docker is not installed, or not on the PATH" in console.err
