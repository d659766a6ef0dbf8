"""podman and buildah, really building and pushing, on a machine without docker."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import shutil
import signal
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from ecr_push.builder.docker_config import DockerConfig
from ecr_push.registry.interface import Login
from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.gate import Gate
from tests.support.git_repository import GitRepository
from tests.support.paths import path_with
from tests.support.registry import REPOSITORY, Registry
from tests.support.watcher import Watcher

CREATE = "--create-repository"
CANARY = f"canary-{secrets.token_hex(8)}"
TOOLS = ("podman", "buildah")
_STEPS = """\
FROM scratch AS base
COPY busybox /bin/busybox
COPY rootfs /
FROM base AS wanted
ARG NOTE
COPY --from=lib note /note
COPY . /context
RUN --mount=type=secret,id=token --mount=type=secret,id=netrc \\
  ["/bin/busybox", "sh", "-c", "cd /run/secrets; /bin/busybox sha256sum token netrc >/seen; \\
   /bin/busybox cat token; echo $NOTE | /bin/busybox sha256sum >>/seen"]
FROM wanted AS more
RUN ["/nothing"]
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Variables that lead both to a store of their own, with steps that need no container's cgroup."""
    folder = tmp_path_factory.mktemp("store")
    configuration = folder / "storage.conf"
    places = f'graphroot = "{folder}/images"\nrunroot = "{folder}/run"\n'
    configuration.write_text(f'[storage]\ndriver = "overlay"\n{places}')
    yield {"CONTAINERS_STORAGE_CONF": str(configuration), "BUILDAH_ISOLATION": "chroot"}
    subprocess.run(("umount", folder / "images" / "overlay"), capture_output=True)


@pytest.fixture
def without_docker(cli: CommandLine, client_path: str, store: dict[str, str]) -> Callable[..., CommandLine]:
    """A machine with git and these programs, and no docker."""

    def with_programs(*names: str) -> CommandLine:
        path = path_with(cli.folder / "programs", "git", "sh", "env", *names)
        # /usr/sbin: where podman looks for the tools of networks.
        cli.environ |= {"PATH": f"{path}:/usr/sbin", "DOCKER_HOST": "unix:///none.sock", **store}
        return cli

    return with_programs


def asked(store: dict[str, str], *argv: str) -> str:
    done = subprocess.run(
        argv, env={"PATH": "/usr/bin:/bin", "HOME": "/root", **store}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("tool", TOOLS)
def test_a_release(
    tool: str,
    without_docker: Callable[..., CommandLine],
    project: GitRepository,
    registry: Registry,
    store: dict[str, str],
) -> None:
    """Found where it is alone. Its inputs arrive, and nothing of a secret is anywhere else."""
    busybox = shutil.which("busybox")
    assert busybox, "apt-get install busybox-static, as `make test` does"
    shutil.copy(busybox, project.root / "busybox")
    ignored = {".dockerignore": "private\n.git\n", ".containerignore": "rootfs\n", "private": "not sent\n"}
    project.commit("Steps", {**images.CLEAN, **ignored, "Dockerfile": _STEPS})
    project.tag("v1.5.0")
    cli = without_docker(tool)
    (cli.folder / "lib").mkdir()
    (cli.folder / "lib" / "note").write_text(f"{tool}\n")
    file = cli.home / "netrc"
    file.write_text(f"machine registry.example\n  password {CANARY}-file\n")
    words = (
        *(project.root, "-r", REPOSITORY, CREATE, "--target", "wanted", "--secret", "id=token,env=NPM_TOKEN"),
        *("--secret", f"id=netrc,src={file}", "--build-context", f"lib={cli.folder}/lib"),
        *(
            "--build-arg",
            f"NOTE={CANARY}-argument",
            "--annotation",
            "org.example.note=a b",
            "--label",
            "note=c d",
        ),
    )
    with Watcher([CANARY.encode()]) as watcher:
        run = cli.run(*words, NPM_TOKEN=f"{CANARY}-variable")
    assert run.code == 0, run.stderr
    assert f"building with {tool} " in run.stderr and "there is no docker command in the PATH" in run.stderr
    lines = {one for one in watcher.found if one.startswith("the command line")}
    assert not {one for one in lines if "ecr-push run" not in one}, lines
    assert CANARY not in run.stdout + run.stderr + json.dumps(run.document)

    files = registry.files(run.image)
    expected = [f"{CANARY}-variable".encode(), file.read_bytes(), f"{CANARY}-argument\n".encode()]
    sums = [line.split()[0] for line in files["seen"].decode().splitlines()]
    assert sums == [hashlib.sha256(one).hexdigest() for one in expected]
    assert files["note"].decode() == f"{tool}\n"
    assert "context/private" not in files and "context/rootfs/etc/os-release" in files
    manifest = registry.manifest(run.image)
    assert manifest["mediaType"] == "application/vnd.oci.image.manifest.v1+json"
    assert manifest["annotations"]["org.example.note"] == "a b"
    labels = registry.labels(run.image)
    assert (labels["note"], labels["org.opencontainers.image.version"]) == ("c d", "1.5.0")
    assert labels["ecr-push.builder-platform"] == "linux/amd64"
    assert registry.tags()["1.5.0"] == run.digest

    assert "localhost/ecr-push" not in asked(store, tool, "images")
    again = cli.run(*words, NPM_TOKEN="another")
    assert (again.code, again.digest) == (0, run.digest)
    assert "already built from this commit" in again.stderr and f"{tool} build" not in again.stderr


def test_an_index_of_several_platforms(
    without_docker: Callable[..., CommandLine],
    project: GitRepository,
    registry: Registry,
    store: dict[str, str],
) -> None:
    project.commit("Platforms", images.ONE_BAD_PLATFORM)
    run = without_docker("buildah", "podman").run(
        *(project.root, "-r", REPOSITORY, CREATE, "--builder", "buildah", "--fail-on", "none"),
        *("--platform", "linux/amd64,linux/arm64"),
    )
    assert run.code == 0, run.stderr
    assert "building with buildah" in run.stderr
    platforms = [one["platform"]["architecture"] for one in registry.manifest(run.image)["manifests"]]
    assert sorted(platforms) == ["amd64", "arm64"]
    assert "localhost/ecr-push" not in asked(store, "buildah", "images")


@pytest.mark.parametrize(
    ("dockerfile", "words", "expected"),
    [
        ('FROM scratch\nRUN ["/none"]\n', (), ("Dockerfile: RUN /none: exit code 1",)),
        ("FROM nowhere:1\n", (), ("podman build failed", "such as docker.io/library/alpine")),
        ("FROM scratch\n", ("--builder", "buildah"), ("there is no buildah in the PATH",)),
        (
            "FROM scratch\n",
            ("--builder", "podmann"),
            ("there is no buildx builder 'podmann'; did you mean 'podman'?",),
        ),
        (
            "FROM scratch\n",
            ("--image", "none-such:1"),
            ("there is no image none-such:1 in the store",),
        ),
    ],
)
def test_what_cannot_be_built(
    dockerfile: str,
    words: tuple[str, ...],
    expected: tuple[str, ...],
    without_docker: Callable[..., CommandLine],
    project: GitRepository,
    registry: Registry,
) -> None:
    project.commit("Other", {"Dockerfile": dockerfile})
    run = without_docker("podman").run(project.root, "-r", REPOSITORY, CREATE, *words)
    assert run.code == 3, run.stderr
    assert all(one in run.stderr for one in expected), run.stderr
    assert not registry.pushed_to or "--call" not in words


def test_all_that_it_does_not_take_is_named_before_anything_is_built(
    without_docker: Callable[..., CommandLine], project: GitRepository, registry: Registry
) -> None:
    registry.create("team/other")
    words = ("--sbom", "true", "--cache-to", "type=inline", "--test-in-image", "true")
    lacking = ("buildah 1", "cannot build this", "makes no attestations", "--cache-to: it cannot write",
               "--test-in-image cannot run the image: it needs a docker command")  # fmt: skip
    cli = without_docker("buildah")
    for command in ((project.root, "-r", "team/other"), (project.root, "-r", REPOSITORY, CREATE)):
        run = cli.run(*command, *words)
        assert (run.code, run.document["failure"]["phase"]) == (2, "registry"), run.stderr
        assert all(one in run.stderr for one in lacking), run.stderr
    assert not registry.pushed_to and not registry.exists()
    here = cli.run(project.root, "--no-push", "--sbom", "true")
    assert (here.code, here.document["failure"]["phase"]) == (2, "plan"), here.stderr
    checked = cli.run(project.root, "-r", REPOSITORY, "--call", "check")
    assert checked.code == 2 and "with buildah there is no --call check" in checked.stderr


def test_podman_runs_the_image_for_a_test(
    without_docker: Callable[..., CommandLine], project: GitRepository, registry: Registry
) -> None:
    busybox = shutil.which("busybox")
    assert busybox
    (project.root / "rootfs").mkdir(exist_ok=True)
    shutil.copy(busybox, project.root / "rootfs" / "busybox")
    project.commit("A program")
    project.tag("v1.6.0")
    cli = without_docker("podman")
    # So that it runs in a container as well, which may neither raise limits nor make a cgroup.
    settings = cli.folder / "containers.conf"
    settings.write_text(
        '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\ncgroupns = "host"\n'
    )
    cli.environ["CONTAINERS_CONF"] = str(settings)
    tests = ("--test-in-image", "/busybox true", "--test-in-image", "/busybox false")
    run = cli.run(project.root, "-r", REPOSITORY, CREATE, *tests)
    assert run.code == 11, run.stderr
    assert [(one["result"], one["exitCode"]) for one in run.document["tests"]] == [
        ("passed", 0),
        ("failed", 1),
    ]
    assert "1.6.0" not in registry.released()


def test_a_registry_that_refuses_an_image_is_not_given_another_one(
    without_docker: Callable[..., CommandLine], project: GitRepository, registry: Registry
) -> None:
    """podman itself would convert it to Docker's format, and push that."""
    registry.create()
    registry.play("faults: [{plane: v2, operation: PutManifest, status: 400, error: MANIFEST_INVALID}]")
    run = without_docker("podman").run(project.root, "-r", REPOSITORY)
    assert run.code == 4, run.stderr
    assert "the candidate could not be pushed" in run.stderr
    assert not registry.tags()


def test_an_image_that_podman_has(
    without_docker: Callable[..., CommandLine],
    project: GitRepository,
    registry: Registry,
    store: dict[str, str],
    tmp_path: Path,
) -> None:
    with tarfile.open(tmp_path / "image.tar", "w") as archive:
        archive.add(project.root / "rootfs", "/")
    asked(store, "podman", "import", str(tmp_path / "image.tar"), "localhost/mine:1")
    cli = without_docker("podman", "docker")
    run = cli.run(
        *(project.root, "-r", REPOSITORY, CREATE, "--builder", "podman", "--image", "localhost/mine:1")
    )
    assert run.code == 0, run.stderr
    assert registry.tags()["1.4.2"] == run.digest
    assert "localhost/mine" in asked(store, "podman", "images")


def test_an_interruption_leaves_nothing_behind(
    without_docker: Callable[..., CommandLine],
    project: GitRepository,
    registry: Registry,
    gate: Gate,
    store: dict[str, str],
) -> None:
    shutil.copy(str(shutil.which("busybox")), project.root / "busybox")
    step = f'RUN ["/bin/busybox", "wget", "-q", "-O", "-", "{gate.url}"]'
    project.commit("Slow", {"Dockerfile": f"FROM scratch\nCOPY busybox /bin/busybox\n{step}\n"})
    run = without_docker("buildah").start_run(project.root, "-r", REPOSITORY, CREATE)
    run.until(gate.arrived.is_set, "the step")
    run.signal(signal.SIGTERM)
    assert run.end().code == 143
    assert not registry.tags()
    assert asked(store, "buildah", "containers", "--quiet") == ""


def test_no_login_is_in_a_file_and_each_is_asked_of_its_owner(tmp_path: Path, client_path: str) -> None:
    """podman itself reads the run's authentication file: our registry, the user's, and a part of one."""

    def entry(user: str) -> dict[str, str]:
        return {"auth": base64.b64encode(f"{user}:{CANARY}".encode()).decode()}

    users = tmp_path / "users.json"
    users.write_text(json.dumps({"auths": {"ghcr.io": entry("ann"), "quay.io/team": entry("ben")}}))
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "REGISTRY_AUTH_FILE": str(users)}
    folder = tmp_path / "run"
    folder.mkdir()
    host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
    login = Login(host, "AWS", CANARY, datetime(2030, 1, 1, tzinfo=timezone.utc))
    with DockerConfig(folder, tmp_path / "none", environ, host, lambda: login) as config:
        own = config.environ(environ)
        names = {}
        for registry in (host, "ghcr.io", "quay.io", "example.com"):
            found = subprocess.run(
                ("podman", "login", "--get-login", registry), env=own, capture_output=True, text=True
            )
            names[registry] = found.stdout.strip()
        assert CANARY not in Path(own["REGISTRY_AUTH_FILE"]).read_text()
    assert names == {host: "AWS", "ghcr.io": "ann", "quay.io": "ben", "example.com": ""}
