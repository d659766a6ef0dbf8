"""No credential of a run is on a command line, in an environment, in a file, in the log or in the image.

The real command line with a real engine; a watcher reads /proc meanwhile.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from ecr_push.sandbox import identity, tokens
from ecr_push.sandbox.server import Sandbox, SandboxOptions
from ecr_push.sandbox.state import DEFAULT_ACCOUNT
from tests.support import images
from tests.support.command_line import CommandLine, until
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry, client_of, remove_images
from tests.support.watcher import Watcher

CANARY = f"canary-{secrets.token_hex(2)}"  # of this run of the tests alone


def encoded(user: str, secret: str) -> str:
    return base64.b64encode(f"{user}:{secret}".encode()).decode()


OTHER = encoded("ann", f"{CANARY}-auths")
STALE = encoded("AWS", f"{CANARY}-stale")
TOKEN = encoded("AWS", f"sandbox-{DEFAULT_ACCOUNT}-{CANARY}").rstrip("=")  # the beginning of one
SECRETS = [text.encode() for text in (CANARY, OTHER, STALE, TOKEN)]
LEFT = [f"{place}/ecr-push-*" for place in ("/tmp", "/var/tmp", "/dev/shm")]


def is_ours(argv: Sequence[str]) -> bool:
    """The command that was given the secrets, and its child that has not begun its own program yet."""
    return any(Path(word).name == "ecr-push" for word in argv[:2]) and "run" in argv


@pytest.fixture(autouse=True)
def _canaries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every password and key that a sandbox makes up is one."""
    own = SimpleNamespace(
        token_hex=secrets.token_hex,
        token_urlsafe=lambda size: f"{CANARY}-{secrets.token_urlsafe(size)}",
    )
    for module in (identity, tokens):
        monkeypatch.setattr(module, "secrets", own)


@pytest.fixture
def runtime() -> Iterator[Path]:
    """XDG_RUNTIME_DIR, whose path is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="runtime-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def base(tmp_path: Path, client_path: str) -> Iterator[tuple[str, str]]:
    """A base image in another registry that wants a login: its name, and the login's `auth`."""
    layer = tmp_path / "layer.tar"
    with tarfile.open(layer, "w") as archive:
        for name, text in images.DEBIAN.items():
            entry = tarfile.TarInfo(name.removeprefix("rootfs/"))
            entry.size = len(text)
            archive.addfile(entry, BytesIO(text.encode()))
    with Sandbox(SandboxOptions(scan_delay=0.0)) as other:
        other.state.repositories.create("private", "base")
        name = f"{other.host}/base:stable"
        client = client_of(other, tmp_path / "base-client", client_path)
        client.ask("crane", "append", "--insecure", "-f", str(layer), "-t", name)
        platform = {"aarch64": "linux/arm64"}.get(os.uname().machine, "linux/amd64")
        client.ask("crane", "mutate", "--insecure", "--set-platform", platform, "-t", name, name)
        yield name, other.tokens.issue(other.options.account, "private").authorization
        remove_images(other.host)


def test_no_secret_is_seen_even_if_the_run_is_killed(
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    gate: Gate,
    base: tuple[str, str],
    runtime: Path,
    engine: None,
    tmp_path: Path,
) -> None:
    name, auth = base
    # git ends too soon to be watched: it writes down itself what it is given.
    given_to_git = tmp_path / "given-to-git"
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(f'#!/bin/sh\nenv >>{given_to_git}\nexec {shutil.which("git")} "$@"\n')
    git.chmod(0o755)
    cli.environ["PATH"] = f"{git.parent}:{cli.environ['PATH']}"
    project.commit(
        "All of it",
        {
            **images.CLEAN,
            ".gitignore": ".tmp/\n",
            "Dockerfile": (
                f"FROM {name}\nARG GIT_DIR\nLABEL given=$GIT_DIR\nADD {gate.url} /fetched\nCOPY . /src\n"
            ),
        },
    )
    project.tag("v1.5.0")
    temporary = project.root / ".tmp"
    temporary.mkdir()
    users = cli.home / ".docker" / "config.json"
    users.parent.mkdir()
    users.write_text(
        json.dumps(
            {
                "auths": {
                    name.partition("/")[0]: {"auth": auth},
                    "hub.example": {"auth": OTHER},
                    registry.sandbox.host: {"auth": STALE},
                },
                "HttpHeaders": {"X-Meta": f"{CANARY}-header"},
                "proxies": {"default": {"ftpProxy": f"http://ann:{CANARY}-proxy@127.0.0.1:9"}},
            }
        )
    )
    given = 'as it is: ${HOME} %{if} $$ "quoted" \\ é'
    environ = {
        "TMPDIR": str(temporary),
        "XDG_RUNTIME_DIR": str(runtime),
        "AWS_SECRET_ACCESS_KEY": f"{CANARY}-key",
        "AWS_SESSION_TOKEN": f"{CANARY}-session",
        "DOCKER_AUTH_CONFIG": json.dumps({"auths": {registry.sandbox.host: {"auth": STALE}}}),
        "ECR_PUSH_BUILD_ARG": (
            f"AWS_SECRET_ACCESS_KEY={CANARY}-a\nGIT_TOKEN={CANARY}-b\nDOCKER_HOST=tcp://{CANARY}-c\n"
            f"HTTP_PROXY=http://ann:{CANARY}-d@127.0.0.1:9\nGIT_DIR={given}"
        ),
    }
    roots = [str(one) for one in (runtime, cli.home, cli.temporary, project.root)] + LEFT
    arguments = (project.root, "-r", REPOSITORY, "--create-repository")
    account = registry.sandbox.options.account
    with Watcher(SECRETS, is_ours, roots, [users]) as watcher:
        killed = cli.start_run(*arguments, "--role", f"arn:aws:iam::{account}:role/ci", **environ)
        killed.until(gate.arrived.is_set, "the build")
        killed.until(lambda: {"docker", "docker-buildx"} <= watcher.programs, "the watcher's look at them")
        left = list(runtime.glob("ecr-push-*"))  # the run's own folders, which the watcher reads
        killed.signal(signal.SIGKILL)
        until(lambda: not killed.processes(), "the end of docker and buildx")
        killed.end()
        watcher.files()
        assert left and all(folder.exists() for folder in left)
        gate.open()
        again = cli.run(*arguments, "--role", f"arn:aws:iam::{account}:role/ci", **environ)
    assert again.code == 0, again.stderr
    assert watcher.found == set()
    known = given_to_git.read_bytes()
    assert known.count(b"GIT_TERMINAL_PROMPT=0") > 5 and not watcher.shows(known)
    assert list(runtime.iterdir()) == [], "the next run clears what the killed one left"
    assert list(temporary.iterdir()) == [], "nothing is made in the context"
    output = (again.stdout + again.stderr + killed.stderr + json.dumps(again.document)).encode()
    assert not watcher.shows(output)
    assert json.loads(users.read_text())["auths"]["hub.example"] == {"auth": OTHER}

    client = registry.client
    configuration = client.ask("crane", "config", again.image)
    assert json.loads(configuration)["config"]["Labels"]["given"] == given
    content = subprocess.run(
        ["crane", "export", again.image, "-"], env=dict(client.environ), capture_output=True, check=True
    ).stdout
    assert b"src/Dockerfile" in content
    assert not watcher.shows(content + configuration.encode())


@pytest.mark.parametrize("where", ["command line", "environment", "file"])
def test_the_watcher_sees_what_is_there(tmp_path: Path, where: str) -> None:
    """A watcher that cannot find anything would hold no promise."""
    script = "import sys; print(flush=True); sys.stdin.read()"
    argv = [sys.executable, "-c", script, *([CANARY] if where == "command line" else [])]
    environ = {"X": CANARY} if where == "environment" else {}
    with (
        Watcher(SECRETS, is_ours, [str(tmp_path / "run-*")]) as watcher,
        subprocess.Popen(argv, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child,
    ):
        assert child.stdout
        child.stdout.readline()
        if where == "file":
            (tmp_path / "run-1").mkdir()
            (tmp_path / "run-1" / "config.json").write_text(f'{{"auth": "{OTHER}"}}')
        until(lambda: watcher.found, "the canary")
        child.communicate()
    [found] = watcher.found
    assert found.startswith(f"the {where}")
