from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base import process
from ecr_push.base.errors import AuthenticationError, SettingsError
from ecr_push.base.process import Completed
from ecr_push.builder.registry_login import find_login

AUTH = "bWU6c2VjcmV0"  # me:secret


class Helper:
    """Stands for every credential helper."""

    def __init__(self, code: int, *lines: str) -> None:
        self.done = Completed(code, lines)
        self.asked: list[tuple[Sequence[str], str]] = []

    def run(self, argv: Sequence[str], *, stdin: str, **more: Any) -> Completed:
        self.asked.append((argv, stdin))
        return self.done


def configured(folder: Path, **settings: object) -> Path:
    (folder / "config.json").write_text(json.dumps(settings))
    return folder


def test_without_a_configuration_there_is_no_login(tmp_path: Path) -> None:
    assert find_login("ghcr.io", {}, tmp_path) is None


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("ghcr.io", "ghcr.io"),
        ("ghcr.io", "https://ghcr.io/v1/"),
        ("docker.io", "https://index.docker.io/v1/"),
    ],
)
def test_a_login_in_the_file(tmp_path: Path, host: str, key: str) -> None:
    found = find_login(host, {}, configured(tmp_path, auths={key: {"auth": AUTH}}))
    assert found and (found.username, found.secret) == ("me", "secret")


def test_a_helper_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = Helper(0, '{"Username": "me", "Secret": "secret"}')
    monkeypatch.setattr(process, "run", helper.run)
    found = find_login("docker.io", {}, configured(tmp_path, credsStore="x"))
    assert found and found.secret == "secret"
    assert helper.asked == [(("docker-credential-x", "get"), "https://index.docker.io/v1/\n")]


def test_a_helper_that_knows_nothing_of_the_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "run", Helper(1, "credentials not found in native keychain").run)
    assert find_login("ghcr.io", {}, configured(tmp_path, credsStore="x")) is None


@pytest.mark.parametrize("said", ["", "{", "[]", '{"Username": "me"}', '{"Username": 1, "Secret": "x"}'])
def test_a_helper_that_answers_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr(process, "run", Helper(0, said).run)
    with pytest.raises(AuthenticationError, match=r"the login to ghcr\.io cannot be read"):
        find_login("ghcr.io", {}, configured(tmp_path, credHelpers={"ghcr.io": "x"}))


def test_a_helper_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(argv: Sequence[str], **more: Any) -> Completed:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(process, "run", missing)
    with pytest.raises(AuthenticationError) as raised:
        find_login("ghcr.io", {}, configured(tmp_path, credsStore="gone"))
    assert "docker-credential-gone" in raised.value.why


def test_a_configuration_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(SettingsError):
        find_login("ghcr.io", {}, tmp_path)
    with pytest.raises(AuthenticationError):
        find_login("ghcr.io", {}, configured(tmp_path, auths={"ghcr.io": {"auth": "no base64"}}))
