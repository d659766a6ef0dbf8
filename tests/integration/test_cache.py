"""`--cache ecr` with a real engine: written by a branch, read by the next run on a builder that is empty."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.support import images
from tests.support.build_cache import forget
from tests.support.ci import pull_request_of_a_fork
from tests.support.command_line import CommandLine, Ended
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")
CACHE = f"{REPOSITORY}-cache"
DOCKERFILE = """\
FROM scratch
COPY busybox /bin/busybox
COPY rootfs /
RUN ["/bin/busybox", "sh", "-c", ": {mark}; /bin/busybox cat /proc/sys/kernel/random/uuid >/seen"]
COPY note /{mark}
"""


@pytest.fixture
def mark(project: GitRepository, registry: Registry) -> str:
    """What the builder's record of the checkout's RUN step is known by."""
    registry.create()
    mark = f"mark-{secrets.token_hex(8)}"
    busybox = shutil.which("busybox")
    assert busybox, "apt-get install busybox-static, as `make test` does"
    shutil.copy(busybox, project.root / "busybox")
    project.commit("Cached", {**images.DEBIAN, "Dockerfile": DOCKERFILE.format(mark=mark), "note": "one"})
    return mark


def build(cli: CommandLine, project: GitRepository, *more: str) -> Ended:
    run = cli.run(project.root, "-r", REPOSITORY, "--cache", "ecr", *more)
    assert run.code == 0, run.stderr
    return run


def made(registry: Registry, run: Ended) -> str:
    """The layer of the RUN step, which is another one each time that it runs."""
    return str(registry.manifest(run.image)["layers"][2]["digest"])


def test_a_later_run_on_an_empty_builder_hits_the_cache(
    cli: CommandLine, project: GitRepository, registry: Registry, mark: str
) -> None:
    """Of its own branch, or of the default branch, whichever way buildx is called."""
    first = build(cli, project, "--create-repository")
    assert f"created {registry.sandbox.host}/{CACHE}, for the build cache" in first.stderr
    assert f"there is no build cache {registry.sandbox.host}/{CACHE}:cache-main yet" in first.stderr
    written = registry.tags(CACHE)
    assert set(written) == {"cache-main"}
    with pytest.raises(ClientError, match="ScanNotFound"):
        registry.scan_status(written["cache-main"], CACHE)
    policy = registry.api().get_lifecycle_policy(repositoryName=CACHE)["lifecyclePolicyText"]
    assert '"untagged"' in policy

    forget(mark)
    project.git("checkout", "-b", "feature/a")
    project.commit("Next", {"note": "two"})
    other = build(cli, project, "--branch", "feature/a", "--default-branch", "main", "--build-arg", "A=b")
    assert made(registry, other) == made(registry, first)
    tags = registry.tags(CACHE)
    assert tags.pop("cache-main") == written["cache-main"]
    assert len(tags) == 1 and next(iter(tags)).startswith("cache_feature-a-")


def test_a_fork_writes_no_cache_and_reads_the_default_branchs_alone(
    cli: CommandLine, project: GitRepository, registry: Registry, mark: str, tmp_path: Path
) -> None:
    first = build(cli, project, "--create-repository", "--default-branch", "main")
    before = registry.tags(CACHE)
    forget(mark)
    project.commit("Theirs", {"note": "theirs"})
    cli.environ |= pull_request_of_a_fork(project.head, tmp_path)
    run = build(cli, project, "--on-fork", "push", "--default-branch", "main")
    assert made(registry, run) == made(registry, first)
    assert f"build cache {CACHE}: reads cache-main; writes none" in run.stderr
    assert "--cache-to" not in run.stderr
    assert registry.tags(CACHE) == before


def test_a_cache_whose_layers_are_gone_is_not_read_again(
    cli: CommandLine, project: GitRepository, registry: Registry, mark: str
) -> None:
    """BuildKit notices when a step needs the layer, and the build fails."""
    first = build(cli, project, "--create-repository")
    forget(mark)
    project.commit("Next", {"note": "two"})
    # What the cache has is read, twice; the layers are not there.
    registry.play("faults: [{plane: v2, operation: GetBlob, status: 404, skip: 2, times: always}]")
    run = build(cli, project)
    registry.play("{}")
    assert "once more without the build cache: " in run.stderr and "not found" in run.stderr
    assert made(registry, run) != made(registry, first)


def test_without_a_repository_for_it_the_build_goes_on(
    cli: CommandLine, project: GitRepository, registry: Registry, mark: str
) -> None:
    run = build(cli, project)
    assert f"there is no repository {CACHE} for the build cache: the build goes on without" in run.stderr
    assert "the build cache could not be written: " in run.stderr
    assert not registry.exists(CACHE)


def test_a_builder_that_cannot_write_caches_builds_without(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    """Docker's own without the containerd image store: what buildx says then, before it builds anything."""
    registry.create()
    folder = cli.folder / "bin"
    folder.mkdir()
    program = folder / "docker"
    program.write_text(
        '#!/bin/sh\ncase "$*" in *--cache-to*)\n'
        '  echo "ERROR: Cache export is not supported for the docker driver." >&2; exit 1 ;;\n'
        f'esac\nexec {shutil.which("docker")} "$@"\n'
    )
    program.chmod(0o755)
    cli.environ["PATH"] = f"{folder}:{cli.environ['PATH']}"
    run = build(cli, project, "--create-repository")
    assert "once more without the build cache: Cache export is not supported" in run.stderr
    assert not registry.tags(CACHE)
