"""The run's own Docker configuration, as docker meets it: a helper on the PATH that asks this process."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.builder.docker_config import DockerConfig
from ecr_push.registry.interface import Login

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
BASE = {"PATH": "/usr/bin:/bin"}
GOOD_UNTIL = datetime(2026, 1, 2, tzinfo=timezone.utc)


def login() -> Login:
    return Login(HOST, "AWS", "dummy-password", GOOD_UNTIL)


def ask(environ: Mapping[str, str], verb: str = "get", text: str = HOST) -> subprocess.CompletedProcess[str]:
    """What docker does for a registry with a helper; it finds the program on the PATH."""
    return subprocess.run(
        ["sh", "-c", f"docker-credential-ecr-push {verb}"],
        input=text + "\n",
        env=dict(environ),
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_docker_gets_the_login_from_the_helper(tmp_path: Path) -> None:
    with DockerConfig(tmp_path / "none", HOST, login) as config:
        environ = config.environ(BASE)
        answer = ask(environ)
        folder = Path(environ["DOCKER_CONFIG"])
        assert json.loads((folder / "config.json").read_text())["credHelpers"] == {HOST: "ecr-push"}
        modes = {stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE((folder / "config.json").stat().st_mode)}
        # Nothing that could be read from the disk, by anybody.
        kept = [file.read_text() for file in folder.iterdir() if file.is_file()]
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == {"ServerURL": HOST, "Username": "AWS", "Secret": "dummy-password"}
    assert modes == {0o700, 0o600}
    assert not any("dummy-password" in text for text in kept)
    assert not folder.exists()


def test_the_helper_waits_for_a_login_that_is_not_there_yet(tmp_path: Path) -> None:
    """The build begins before the repository is created."""
    ready, asked = threading.Event(), threading.Event()

    def slow() -> Login:
        asked.set()
        assert ready.wait(300)
        return login()

    with DockerConfig(tmp_path, HOST, slow) as config:
        answers: list[subprocess.CompletedProcess[str]] = []
        docker = threading.Thread(target=lambda: answers.append(ask(config.environ(BASE))))
        docker.start()
        assert asked.wait(300)
        assert not answers
        ready.set()
        docker.join(300)
    assert json.loads(answers[0].stdout)["Secret"] == "dummy-password"


def test_each_question_starts_a_new_request(tmp_path: Path) -> None:
    """So a token that has expired in the meantime is replaced."""
    passwords = iter(["first", "second"])
    with DockerConfig(tmp_path, HOST, lambda: Login(HOST, "AWS", next(passwords), GOOD_UNTIL)) as config:
        environ = config.environ(BASE)
        assert [json.loads(ask(environ).stdout)["Secret"] for _ in range(2)] == ["first", "second"]


def test_a_failed_login_means_that_there_are_no_credentials(tmp_path: Path) -> None:
    """In the words that docker knows, so that it goes on without credentials; the log has the cause."""

    def fail() -> Login:
        raise RegistryError("AWS refused")

    with DockerConfig(tmp_path, HOST, fail) as config:
        answer = ask(config.environ(BASE))
    assert (answer.returncode, answer.stdout) == (1, "credentials not found in native keychain")


@pytest.mark.parametrize("verb", ["store", "erase"])
def test_docker_may_store_and_erase_and_nothing_happens(tmp_path: Path, verb: str) -> None:
    with DockerConfig(tmp_path, HOST, login) as config:
        assert ask(config.environ(BASE), verb).returncode == 0
        assert ask(config.environ(BASE)).returncode == 0


def test_the_users_contexts_plugins_and_builders_are_seen(tmp_path: Path) -> None:
    for name in ("contexts", "cli-plugins", "buildx"):
        (tmp_path / name).mkdir()
    (tmp_path / "cli-plugins" / "docker-mine").touch()
    (tmp_path / "config.json").write_text('{"currentContext": "mine"}')
    with DockerConfig(tmp_path, HOST, login) as config:
        environ = config.environ(BASE)
        folder = Path(environ["DOCKER_CONFIG"])
        assert json.loads((folder / "config.json").read_text())["currentContext"] == "mine"
        assert (folder / "cli-plugins" / "docker-mine").exists()
        assert environ["BUILDX_CONFIG"] == str(tmp_path / "buildx")
        assert environ["PATH"].endswith(BASE["PATH"])
    # What is removed is our links, not what they lead to.
    assert (tmp_path / "cli-plugins" / "docker-mine").exists()
    with DockerConfig(tmp_path, HOST, login) as config:
        assert config.environ({**BASE, "BUILDX_CONFIG": "/own"})["BUILDX_CONFIG"] == "/own"


def test_a_configuration_that_is_not_json_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with DockerConfig(tmp_path, HOST, login) as config:
        assert ask(config.environ(BASE)).returncode == 0
    assert (tmp_path / "config.json").read_text() == "{"


def test_it_is_gone_after_an_exception_too(tmp_path: Path) -> None:
    folders = []
    with pytest.raises(KeyboardInterrupt), DockerConfig(tmp_path, HOST, login) as config:
        folders.append(Path(config.environ(BASE)["DOCKER_CONFIG"]))
        raise KeyboardInterrupt
    assert not folders[0].exists()


def test_the_helper_runs_with_our_own_interpreter(tmp_path: Path) -> None:
    """A build machine's PATH need not hold a python, nor be free of a broken one."""
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 9\n")
    (tmp_path / "python3").chmod(0o755)
    with DockerConfig(tmp_path / "user", HOST, login) as config:
        environ = config.environ({"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHONHOME": "/nowhere"})
        assert ask(environ).returncode == 0
        assert sys.executable in (Path(environ["DOCKER_CONFIG"]) / "docker-credential-ecr-push").read_text()
