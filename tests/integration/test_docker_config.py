"""The run's own Docker configuration, as docker meets it: a helper on the PATH that asks this process."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path

import pytest

from ecr_push.base.errors import RegistryError, SettingsError
from ecr_push.base.private_folder import PrivateFolders
from ecr_push.builder.docker_config import DockerConfig
from ecr_push.registry.interface import Login

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
BASE = {"PATH": "/usr/bin:/bin"}
GOOD_UNTIL = datetime(2026, 1, 2, tzinfo=timezone.utc)


def login() -> Login:
    return Login(HOST, "AWS", "dummy-password", GOOD_UNTIL)


@contextlib.contextmanager
def config_of(
    user: Path, login: Callable[[], Login] = login, environ: Mapping[str, str] = BASE
) -> Iterator[DockerConfig]:
    with PrivateFolders({}).made() as folder, DockerConfig(folder, user, environ, HOST, login) as config:
        yield config


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
    with config_of(tmp_path / "none") as config:
        environ = config.environ(BASE)
        answer = ask(environ)
        folder = Path(environ["DOCKER_CONFIG"])
        assert json.loads((folder / "config.json").read_text()) == {"credsStore": "ecr-push"}
        # Nothing that could be read from the disk, by anybody.
        kept = [file.read_text() for file in folder.iterdir() if file.is_file()]
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == {"ServerURL": HOST, "Username": "AWS", "Secret": "dummy-password"}
    assert not any("dummy-password" in text for text in kept)
    assert not folder.exists()


def test_the_helper_waits_for_a_login_that_is_not_there_yet(tmp_path: Path) -> None:
    """The build begins before the repository is created."""
    ready, asked = threading.Event(), threading.Event()

    def slow() -> Login:
        asked.set()
        assert ready.wait(300)
        return login()

    with config_of(tmp_path, slow) as config:
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
    with config_of(tmp_path, lambda: Login(HOST, "AWS", next(passwords), GOOD_UNTIL)) as config:
        environ = config.environ(BASE)
        assert [json.loads(ask(environ).stdout)["Secret"] for _ in range(2)] == ["first", "second"]


def test_a_failed_login_means_that_there_are_no_credentials(tmp_path: Path) -> None:
    """In the words that docker knows, so that it goes on without credentials; the log has the cause."""

    def fail() -> Login:
        raise RegistryError("AWS refused")

    with config_of(tmp_path, fail) as config:
        answer = ask(config.environ(BASE))
    assert (answer.returncode, answer.stdout) == (1, "credentials not found in native keychain")


@pytest.mark.parametrize("verb", ["store", "erase"])
def test_docker_may_store_and_erase_and_nothing_happens(tmp_path: Path, verb: str) -> None:
    with config_of(tmp_path) as config:
        assert ask(config.environ(BASE), verb).returncode == 0
        assert ask(config.environ(BASE)).returncode == 0


def test_the_users_contexts_plugins_and_builders_are_seen(tmp_path: Path) -> None:
    for name in ("contexts", "cli-plugins", "buildx"):
        (tmp_path / name).mkdir()
    (tmp_path / "cli-plugins" / "docker-mine").touch()
    (tmp_path / "config.json").write_text('{"currentContext": "mine"}')
    with config_of(tmp_path) as config:
        environ = config.environ(BASE)
        folder = Path(environ["DOCKER_CONFIG"])
        assert json.loads((folder / "config.json").read_text())["currentContext"] == "mine"
        assert (folder / "cli-plugins" / "docker-mine").exists()
        assert environ["BUILDX_CONFIG"] == str(tmp_path / "buildx")
        assert environ["PATH"].endswith(BASE["PATH"])
    # What is removed is our links, not what they lead to.
    assert (tmp_path / "cli-plugins" / "docker-mine").exists()
    with config_of(tmp_path) as config:
        assert config.environ({**BASE, "BUILDX_CONFIG": "/own"})["BUILDX_CONFIG"] == "/own"


def test_a_configuration_that_cannot_be_read_is_said_before_the_build(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(SettingsError, match=r"config\.json cannot be read: not JSON"), config_of(tmp_path):
        raise AssertionError("nothing is built")
    assert (tmp_path / "config.json").read_text() == "{"


def test_it_is_gone_after_an_exception_too(tmp_path: Path) -> None:
    folders = []
    with pytest.raises(KeyboardInterrupt), config_of(tmp_path) as config:
        folders.append(Path(config.environ(BASE)["DOCKER_CONFIG"]))
        raise KeyboardInterrupt
    assert not folders[0].exists()


def test_the_helper_runs_with_our_own_interpreter(tmp_path: Path) -> None:
    """A build machine's PATH need not hold a python, nor be free of a broken one."""
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 9\n")
    (tmp_path / "python3").chmod(0o755)
    with config_of(tmp_path / "user") as config:
        environ = config.environ({"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHONHOME": "/nowhere"})
        assert ask(environ).returncode == 0
        assert sys.executable in (Path(environ["DOCKER_CONFIG"]) / "docker-credential-ecr-push").read_text()


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    with (
        tempfile.TemporaryDirectory(prefix='o\'brien "ü" $HOME') as folder,
        DockerConfig(Path(folder), tmp_path / "user", BASE, HOST, login) as config,
    ):
        asked = ask(config.environ(BASE))
    assert asked.returncode == 0, asked.stderr


def entry(text: str) -> dict[str, str]:
    return {"auth": base64.b64encode(text.encode()).decode()}


def answer(environ: Mapping[str, str], host: str) -> dict[str, str]:
    asked = ask(environ, text=host)
    assert asked.returncode == 0, asked.stdout + asked.stderr
    found: dict[str, str] = json.loads(asked.stdout)
    return found


def test_other_registries_get_what_the_users_file_says_when_they_are_asked_for(tmp_path: Path) -> None:
    """Even a login that is made during the build."""
    file = tmp_path / "config.json"
    file.write_text(json.dumps({"auths": {"ghcr.io": entry("ann:s3cret-4711"), HOST: entry("AWS:stale")}}))
    with config_of(tmp_path) as config:
        environ = config.environ(BASE)
        assert answer(environ, "ghcr.io")["Secret"] == "s3cret-4711"
        assert answer(environ, HOST)["Secret"] == "dummy-password"
        assert answer(environ, f"https://{HOST}")["Secret"] == "dummy-password"
        assert ask(environ, text="quay.io").stdout == "credentials not found in native keychain"
        file.write_text(json.dumps({"auths": {"quay.io": entry("bob:new")}}))
        assert answer(environ, "quay.io")["Username"] == "bob"
        assert ask(environ, text="ghcr.io").returncode == 1
        kept = [one.read_bytes() for one in Path(environ["DOCKER_CONFIG"]).iterdir() if one.is_file()]
    assert not any(b"4711" in one or entry("ann:s3cret-4711")["auth"].encode() in one for one in kept)


def test_the_users_helpers_are_asked_in_the_users_environment(tmp_path: Path) -> None:
    """docker does not get the AWS credentials that docker-credential-ecr-login needs."""
    program = tmp_path / "bin" / "docker-credential-mine"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\nread -r host || [ -n "$host" ]\n'
        'case $host in bad) echo "no luck"; exit 3;; esac\n'
        'printf \'{"ServerURL":"%s","Username":"%s","Secret":"%s"}\' "$host" "$1" "$AWS_SECRET_ACCESS_KEY"\n'
    )
    program.chmod(0o755)
    (tmp_path / "config.json").write_text('{"credHelpers": {"a.example": "mine", "b.example": "gone"}}')
    own = {"PATH": f"{program.parent}:/usr/bin:/bin", "AWS_SECRET_ACCESS_KEY": "key-4711"}
    with config_of(tmp_path, environ=own) as config:
        environ = config.environ({"PATH": own["PATH"]})
        assert answer(environ, "a.example") == {
            "ServerURL": "a.example",
            "Username": "get",
            "Secret": "key-4711",
        }
        gone = ask(environ, text="b.example")
        assert (gone.returncode, gone.stdout) == (1, "docker-credential-gone: No such file or directory")
        (tmp_path / "config.json").write_text('{"credsStore": "mine"}')
        failed = ask(environ, text="bad")
        assert (failed.returncode, failed.stdout) == (3, "no luck\n")


def test_a_login_from_the_environment_wins_except_for_our_registry(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"auths": {"ghcr.io": entry("ann:file")}}))
    given = json.dumps({"auths": {"ghcr.io": entry("job:environment"), HOST: entry("AWS:stale")}})
    own = {**BASE, "DOCKER_AUTH_CONFIG": given}
    with config_of(tmp_path, environ=own) as config:
        environ = config.environ(own)
        assert "DOCKER_AUTH_CONFIG" not in environ
        assert answer(environ, "ghcr.io")["Secret"] == "environment"
        assert answer(environ, HOST)["Secret"] == "dummy-password"


def test_the_helper_knows_nothing_once_the_run_was_killed(tmp_path: Path) -> None:
    """Nor does the folder: proxies with a password are in the memory of the process that has ended."""
    (tmp_path / "config.json").write_text('{"proxies": {"default": {"httpProxy": "http://u:s3cret-4711@p"}}}')
    with config_of(tmp_path) as config:
        environ = config.environ(BASE)
        folder = Path(environ["DOCKER_CONFIG"])
        assert "4711" in (folder / "config.json").read_text()
        on_disk = [one.read_text() for one in folder.iterdir() if one.is_file() and not one.is_symlink()]
        assert not any("4711" in text for text in on_disk)
        os.link(folder / "helper.py", tmp_path / "helper.py")
    asked = subprocess.run(
        [sys.executable, "-I", "-S", tmp_path / "helper.py", "ecr-push", "get"],
        input=HOST,
        capture_output=True,
        text=True,
    )
    assert (asked.returncode, asked.stdout) == (1, "credentials not found in native keychain")
