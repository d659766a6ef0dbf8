"""What is measured stands on real parts: git, an image to build, a sandbox in its own process."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))  # what benchmarks share with tests is in tests/support
PYTHON = sys.executable
ECR_PUSH = str(Path(sys.executable).with_name("ecr-push"))

_IDENTITY = {
    "GIT_AUTHOR_NAME": "Benchmark",
    "GIT_AUTHOR_EMAIL": "benchmark@example.com",
    "GIT_COMMITTER_NAME": "Benchmark",
    "GIT_COMMITTER_EMAIL": "benchmark@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
_FOREIGN = ("AWS_", "ECR_PUSH_", "GIT_", "GITHUB_", "CODEBUILD_", "JENKINS_", "BUILDX_", "PYTHON")

# Files from this machine are the base image, so that the build needs no registry but the sandbox. One
# layer does a second or two of work, and two hold megabytes that no registry has yet.
_DOCKERFILE = """\
FROM scratch
COPY base/ /
COPY requirements/ /app/requirements/
RUN --network=none head -c 400000000 /dev/zero | gzip > /app/dependencies.gz \\
    && head -c 3000000 /dev/urandom > /app/wheel
COPY commit.txt /app/
RUN --network=none cat /app/commit.txt > /app/program && head -c 1000000 /dev/urandom >> /app/program
CMD ["/bin/sh"]
"""
_PROGRAMS = ("sh", "head", "gzip", "cat")
_OS_RELEASE = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'
_DPKG_STATUS = "Package: tiny\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n\n"


class MissingError(Exception):
    """Something that a benchmark needs is not there. Says what, where, and how to get it."""


def environment(**more: str) -> dict[str, str]:
    """Our own, without what a CI or a shell would add to git, docker or AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {**kept, **_IDENTITY, **more}


@dataclass
class Checkout:
    """A git repository with an image to build."""

    root: Path
    releases: int = 0

    @classmethod
    def make(cls, root: Path, *, commits: int = 20) -> Checkout:
        """A small repository: v1.0.0, and some commits since, on main."""
        root.mkdir()
        checkout = cls(root)
        checkout.git("init", "--quiet", "--initial-branch=main")
        checkout.git("remote", "add", "origin", "https://example.com/team/app.git")
        (root / "Dockerfile").write_text(_DOCKERFILE)
        (root / ".dockerignore").write_text(".git\n")
        (root / "requirements").mkdir()
        _copy_programs(root / "base")
        checkout.release()
        for number in range(commits):
            checkout.commit(f"change {number}")
        return checkout

    def commit(self, text: str) -> None:
        """A commit that no build has seen: it changes what both layers of work depend on."""
        nonce = secrets.token_hex(8)  # the builder's cache outlives us, and knows what we built before
        (self.root / "commit.txt").write_text(f"{text} {nonce}\n")
        (self.root / "requirements" / "base.txt").write_text(f"tiny==1.0  # {nonce}\n")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-gpg-sign", f"--message={text}")

    def release(self) -> str:
        """A commit with the next version's tag, which is returned."""
        tag = f"v1.0.{self.releases}"
        self.commit(f"release {self.releases}")
        self.git("tag", tag)
        self.releases += 1
        return tag

    def add_workflows(self, texts: Mapping[str, str]) -> None:
        """For GitHub, by the names of their files; a commit by itself."""
        folder = self.root / ".github" / "workflows"
        folder.mkdir(parents=True)
        for name, text in texts.items():
            (folder / f"{name}.yml").write_text(text)
        self.commit("add workflows")

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        argv = ("git", *arguments)
        done = subprocess.run(
            argv, cwd=self.root, env=environment(), check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout.strip()


def _copy_programs(base: Path) -> None:
    """A root file system that can run `_PROGRAMS`: they, their libraries, and a list of packages."""
    paths = {str(Path(found).resolve()): found for name in _PROGRAMS if (found := shutil.which(name))}
    libraries = subprocess.run(["ldd", *paths], check=True, capture_output=True, text=True).stdout
    for path in re.findall(r"(/\S+) \(0x", libraries):
        paths.setdefault(path, path)
    for source, wanted in paths.items():
        place = base / wanted.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, place)
    if not (base / "bin").exists():
        (base / "bin").symlink_to("usr/bin")
    if not (base / "bin" / "sh").exists():
        shutil.copy(base / "usr" / "bin" / "sh", base / "bin" / "sh")
    for name, text in (("etc/os-release", _OS_RELEASE), ("var/lib/dpkg/status", _DPKG_STATUS)):
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text(text)


@dataclass(frozen=True)
class Sandbox:
    """A sandbox that is up. environ leads AWS clients to it, docker names a configuration of its own."""

    url: str
    environ: Mapping[str, str]

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def client(self) -> Any:
        """boto3's own, for this sandbox alone."""
        return boto3.Session(
            aws_access_key_id=self.environ["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environ["AWS_SECRET_ACCESS_KEY"],
            region_name=self.environ["AWS_REGION"],
        ).client("ecr", endpoint_url=self.url)

    def create(self, repository: str) -> None:
        """A repository whose images are scanned when they are pushed."""
        self.client().create_repository(
            repositoryName=repository, imageScanningConfiguration={"scanOnPush": True}
        )

    def requests(self) -> Mapping[str, Mapping[str, int]]:
        """How often each operation was asked for since the last `forget`."""
        found: Mapping[str, Mapping[str, int]] = json.loads(self._ask("GET"))
        return found

    def forget(self) -> None:
        self._ask("DELETE")

    def _ask(self, method: str) -> bytes:
        secret = {"Authorization": f"Bearer {self.environ['ECR_SANDBOX_TOKEN']}"}
        request = urllib.request.Request(f"{self.url}/_sandbox/requests", headers=secret, method=method)
        with urllib.request.urlopen(request) as answer:
            body: bytes = answer.read()
            return body


@contextlib.contextmanager
def sandbox(folder: Path, scenario: str = "", options: Sequence[str] = ()) -> Iterator[Sandbox]:
    """`ecr-push sandbox` as a user starts it, in a process of its own, with docker logged in to it."""
    (folder / "scenario.yml").write_text(scenario)
    argv = [ECR_PUSH, "sandbox", f"--scenario={folder / 'scenario.yml'}", *options]
    with (
        (folder / "sandbox.log").open("w") as log,
        subprocess.Popen(argv, env=environment(), stdout=subprocess.PIPE, stderr=log, text=True) as program,
    ):
        try:
            assert program.stdout is not None
            exported = {}
            for line in program.stdout:
                name, _, value = line.removeprefix("export ").strip().partition("=")
                exported[name] = value
                if name == "AWS_SHARED_CREDENTIALS_FILE":  # the last one
                    break
            docker = _docker_configuration(folder / "docker")
            here = Sandbox(exported["AWS_ENDPOINT_URL"], environment(**exported, DOCKER_CONFIG=str(docker)))
            subprocess.run(
                [ECR_PUSH, "login"],
                env=here.environ,
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            yield here
        finally:
            program.send_signal(signal.SIGTERM)


def _docker_configuration(folder: Path) -> Path:
    """One for this run alone, which still has the user's contexts and plugins."""
    folder.mkdir()
    user = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    for name in ("contexts", "cli-plugins", "buildx"):
        if (user / name).is_dir():
            (folder / name).symlink_to(user / name)
    return folder
