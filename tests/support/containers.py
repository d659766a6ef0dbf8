"""Containers that jobs run in: their images, and how these get at the engine and at the locked packages.

No path and no host is known here: pip, OpenSSL and the docker client are asked where they look.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.support.paths import ROOT

# A user whom no image knows: as the agent's is in most of them. Only root can start it.
STRANGER = "61234:61234" if os.getuid() == 0 else f"{os.getuid()}:{os.getgid()}"
BARE = "ecr-push-test/bare:busybox"
_BARE_DOCKERFILE = """\
FROM scratch
COPY busybox /bin/busybox
COPY --chmod=755 nohup /bin/nohup
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install /bin && mkdir -p /tmp /var/run && chmod 1777 /tmp"]
CMD ["/bin/sh"]
"""
# Debian's busybox has none, and Jenkins starts every script by it.
_NOHUP = '#!/bin/sh\ntrap "" HUP\nexec "$@"\n'
_HANDED_ON = (
    *("PIP_", "UV_", "SSL_CERT_", "REQUESTS_CA_"),
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
)
_NOT_HANDED_ON = ("PIP_CACHE_DIR", "UV_CACHE_DIR", "PIP_CONFIG_FILE", "PIP_REQUIRE_VIRTUALENV")
_DEFAULT_SOCKET = "/var/run/docker.sock"


def agent_image() -> str:
    """The image of examples/agent, made where it is missing."""
    made = subprocess.run([ROOT / "scripts" / "agent-image"], capture_output=True, text=True)
    if made.returncode:
        pytest.fail(f"`scripts/agent-image` failed: {made.stderr}")
    return made.stdout.strip()


def bare_image(folder: Path) -> str:
    """An image with a shell and little else; no Python above all."""
    busybox = shutil.which("busybox")
    if not busybox:
        pytest.fail("busybox is missing: apt-get install busybox-static, as `make test` does")
    folder.mkdir()
    shutil.copy(busybox, folder / "busybox")
    (folder / "nohup").write_text(_NOHUP)
    (folder / "Dockerfile").write_text(_BARE_DOCKERFILE)
    docker("build", "--quiet", "--tag", BARE, str(folder))
    return BARE


@contextmanager
def called(name: str, image: str) -> Iterator[None]:
    """The image under the name that an example gives to its own, for as long as this lasts."""
    docker("tag", image, name)
    try:
        yield
    finally:
        docker("image", "rm", "--no-prune", name)


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass(frozen=True)
class Site:
    """What jobs' containers have on this machine: its network, and the locked packages."""

    wheels: Path

    @property
    def environ(self) -> dict[str, str]:
        found = {f"{tool}_FIND_LINKS": str(self.wheels) for tool in ("PIP", "UV")}
        return {**found, "PIP_NO_INDEX": "1", "UV_OFFLINE": "1"}

    @property
    def mounts(self) -> list[str]:
        return ["--network", "host", "--volume", f"{self.wheels}:{self.wheels}:ro"]

    @property
    def options(self) -> list[str]:
        """Options of `docker run`."""
        return [*self.mounts, *_variables(self.environ)]

    @classmethod
    def made_in(cls, wheels: Path) -> Site:
        """One whose packages are those for the image's own Python, fetched by its own pip."""
        wheels.mkdir()
        wheels.chmod(0o755)  # jobs are of other users
        lock = ROOT / "requirements" / "run.txt"
        docker(
            *("run", "--rm", "--user", f"{os.getuid()}:{os.getgid()}", *_reach()),
            *("--volume", f"{lock}:{lock}:ro", "--volume", f"{wheels}:{wheels}", agent_image()),
            *("python3", "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"),
            *("--requirement", str(lock), "--dest", str(wheels)),
        )
        return cls(wheels)


def _reach() -> list[str]:
    """Options of `docker run` with which pip reaches the index that this machine reaches."""
    environ = {
        name: text
        for name, text in os.environ.items()
        if name.startswith(_HANDED_ON) and name not in _NOT_HANDED_ON
    }
    for name, text in {**_pip_settings(), **_certificates()}.items():
        environ.setdefault(name, text)
    paths = sorted({path for text in environ.values() for path in _paths(text)})
    outer = [one for one in paths if not any(one != other and one.is_relative_to(other) for other in paths)]
    volumes = [part for path in outer for part in ("--volume", f"{path}:{path}:ro")]
    return ["--network", "host", *volumes, *_variables(environ)]


def _variables(environ: Mapping[str, str]) -> list[str]:
    return [part for name, text in environ.items() for part in ("--env", f"{name}={text}")]


def socket_options() -> list[str]:
    """Options of `docker run` for the engine that this machine's client talks to."""
    host = docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
    if not host.startswith("unix://"):
        return ["--env", f"DOCKER_HOST={host}"]
    path = host.removeprefix("unix://")
    group = ["--group-add", str(Path(path).stat().st_gid)]
    if path == _DEFAULT_SOCKET:
        return [*group, "--volume", f"{path}:{path}"]
    return [*group, "--volume", f"{path}:{path}", "--env", f"DOCKER_HOST={host}"]


def uv_options() -> list[str]:
    """Options of `docker run` that put the tests' uv into a container."""
    return ["--volume", f"{Path(sys.executable).with_name('uv')}:/usr/local/bin/uv:ro"]


def _pip_settings() -> dict[str, str]:
    """pip's configuration from all its files, as variables: those hold for a user without a home too."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    )
    found = {}
    for line in asked.stdout.splitlines():
        name, _, shown = line.partition("=")
        section, _, key = name.partition(".")
        if section in ("global", "install"):
            found[f"PIP_{key.upper().replace('-', '_')}"] = str(ast.literal_eval(shown))
    return {name: text for name, text in found.items() if name not in _NOT_HANDED_ON}


def _certificates() -> dict[str, str]:
    trusted = ssl.get_default_verify_paths().cafile
    return {"SSL_CERT_FILE": trusted, "PIP_CERT": trusted} if trusted else {}


def _paths(text: str) -> list[Path]:
    """The files and folders that a value names, with those that they are links to."""
    found = []
    for word in text.split():
        url = urlsplit(word)
        path = Path(unquote(url.path) if url.scheme == "file" else word)
        if url.scheme == "file":
            path = path.parent  # an index's pages lead to files beside it
        if path.is_absolute() and path.exists() and path != Path("/"):
            found += [path, path.resolve()]
    return found


def containers(label: str) -> list[str]:
    """Names of the containers that carry a label, running or not."""
    listed = docker("ps", "--all", "--filter", f"label={label}", "--format", "{{json .Names}}")
    return [json.loads(line) for line in listed.splitlines()]
