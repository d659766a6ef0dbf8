"""Builds that push nothing: into the engine, into files, or for the check alone. AWS is never asked."""

from __future__ import annotations

import json
import secrets
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine, Ended
from tests.support.git_repository import GitRepository

pytestmark = pytest.mark.usefixtures("engine")
NOTHING = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}


@pytest.fixture
def name() -> Iterator[str]:
    """A name in the engine, which is removed afterwards."""
    made = f"local-{secrets.token_hex(6)}:test"
    yield made
    subprocess.run(["docker", "image", "rm", "--force", made], capture_output=True, check=False)


def build(cli: CommandLine, project: GitRepository, *flags: str) -> tuple[Ended, dict[str, object]]:
    result = cli.folder / "local.json"
    ended = cli.command("build", project.root, *flags, "--result", str(result), **NOTHING)
    return ended, json.loads(result.read_text())


def labels_of(image: str) -> dict[str, str]:
    shown = subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=True).stdout
    return dict(json.loads(shown)[0]["Config"]["Labels"])


@pytest.mark.parametrize("more", [(), ("--build-arg", "A=b"), ("without buildx",)])
def test_an_image_for_this_job_is_in_the_engine(
    more: tuple[str, ...], name: str, cli: CommandLine, project: GitRepository, request: pytest.FixtureRequest
) -> None:
    if more == ("without buildx",):
        request.getfixturevalue("without_buildx")
        more = ()
    mark = f"mark={secrets.token_hex(8)}"
    ended, result = build(cli, project, "--load", "--tag", name, "--label", mark, *more)
    assert (ended.code, ended.stdout) == (0, f"{name}\n"), ended.stderr
    assert result["status"] == "built" and result["image"] is None
    assert result["local"]["names"] == [name]  # type: ignore[index]
    assert labels_of(name)["org.opencontainers.image.revision"] == project.head
    # Of this build alone: other tests use the engine, too.
    ask = ["docker", "image", "ls", "--filter", f"label={mark}", "--format", "{{.Repository}}:{{.Tag}}"]
    assert subprocess.check_output(ask, text=True).split() == [name]


def test_several_files_of_one_build(cli: CommandLine, project: GitRepository, tmp_path: Path) -> None:
    layout, folder = tmp_path / "image.tar", tmp_path / "files"
    exports = ("--export", f"type=oci,dest={layout}", "--export", str(folder))
    ended, result = build(cli, project, *exports, "--compression", "zstd,force", "--build-arg", "A=b")
    assert ended.stdout.splitlines() == [str(layout), str(folder)], ended.stderr
    assert (folder / "etc" / "os-release").is_file()
    with tarfile.open(layout) as archive:
        index = json.load(archive.extractfile("index.json"))  # type: ignore[arg-type]
        (entry,) = index["manifests"]
        blob = archive.extractfile(f"blobs/sha256/{entry['digest'].partition(':')[2]}")
        assert blob and json.load(blob)["layers"][-1]["mediaType"].endswith("tar+zstd")
    local: dict[str, object] = result["local"]  # type: ignore[assignment]
    assert (local["digest"], local["platforms"]) == (entry["digest"], ["linux/amd64"])


def test_a_run_that_may_not_push_builds_and_checks(cli: CommandLine, project: GitRepository) -> None:
    """`push: ${{ github.event_name != 'pull_request' }}` of a workflow."""
    ran = cli.run(project.root, "--cache", "ecr", "--fail-on", "low", ECR_PUSH_PUSH="false", **NOTHING)
    assert (ran.code, ran.stdout, ran.document["status"]) == (0, "", "checked"), ran.stderr
    assert "without effect, as nothing is pushed: --fail-on" in ran.stderr
    assert "goes on without --cache ecr" in ran.stderr
    assert "with --no-push the image is built and checked" in ran.document["checked"]
    project.commit("Broken", {"Dockerfile": "FROM scratch\nCOPY missing /\n"})
    assert cli.run(project.root, "--no-push", **NOTHING).code == 3
