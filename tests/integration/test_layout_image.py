"""`--image oci:…`: an image that another job wrote is pushed as it is, without an engine, and judged."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.layouts import archived
from tests.support.paths import path_with
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture(autouse=True)
def _repository(registry: Registry) -> None:
    registry.create()


def exported(project: GitRepository, file: Path, *flags: str) -> str:
    """What docker writes of the checkout; returns the digest."""
    subprocess.run(
        ["docker", "buildx", "build", "--provenance=false", f"--output=type=oci,dest={file}", *flags,
         project.root], capture_output=True, check=True,
    )  # fmt: skip
    listed = subprocess.run(["tar", "-xOf", file, "index.json"], capture_output=True, check=True).stdout
    return str(json.loads(listed)["manifests"][0]["digest"])


@pytest.fixture
def bare(cli: CommandLine, tmp_path: Path) -> dict[str, str]:
    """The environment of a machine that has neither an engine nor a docker command."""
    return {"PATH": path_with(tmp_path / "few", "git", "env"), "DOCKER_HOST": "unix:///nowhere/docker.sock"}


def test_an_image_of_two_platforms_keeps_its_digest_and_needs_no_engine(
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    bare: dict[str, str],
    tmp_path: Path,
) -> None:
    file = tmp_path / "image.tar"
    both = exported(project, file, "--platform=linux/amd64,linux/arm64")
    run = cli.run(project.root, "-r", REPOSITORY, "--image", f"oci:{file}", **bare)
    assert run.code == 0, run.stderr
    assert registry.released()["1.4.2"] == both
    assert [one["platform"] for one in run.document["image"]["platforms"]] == ["linux/amd64", "linux/arm64"]
    assert "layers: 3 sent" in run.stderr
    registry.client.ask("crane", "validate", "--remote", f"{registry.sandbox.host}/{REPOSITORY}@{both}")
    again = cli.run(project.root, "-r", REPOSITORY, "--image", f"oci:{file}", **bare)
    assert again.code == 0 and again.document["image"]["reused"] is True, again.stderr


def test_a_layout_of_another_tool_with_layers_of_zstd(
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    bare: dict[str, str],
    tmp_path: Path,
) -> None:
    file, folder = tmp_path / "image.tar", tmp_path / "layout"
    exported(project, file)
    copy = [
        "skopeo",
        "copy",
        "--quiet",
        "--dest-compress-format=zstd",
        f"oci-archive:{file}",
        f"oci:{folder}:v1",
    ]
    subprocess.run(copy, check=True)
    made = json.loads((folder / "index.json").read_text())["manifests"][0]["digest"]
    run = cli.run(project.root, "-r", REPOSITORY, "--image", f"oci:{folder}@v1", **bare)
    assert run.code == 0, run.stderr
    assert registry.released()["1.4.2"] == made
    shown = registry.client.ask("crane", "manifest", f"{registry.sandbox.host}/{REPOSITORY}:1.4.2")
    assert hashlib.sha256(shown.encode()).hexdigest() == made.partition(":")[2]
    assert json.loads(shown)["layers"][0]["mediaType"].endswith("zstd")


def test_a_registry_that_stumbles_is_asked_again_and_one_that_refuses_is_not(
    cli: CommandLine, project: GitRepository, registry: Registry, bare: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "image.tar"
    exported(project, file)
    named = ("-r", REPOSITORY, "--image", f"oci:{file}")
    registry.play("faults: [{plane: v2, operation: StartUpload, status: 403, times: always}]")
    refused = cli.run(project.root, *named, **bare)
    assert refused.code == 4 and "was answered with HTTP 403" in refused.stderr, refused.stderr
    operations = ("HeadBlob", "StartUpload", "PutUpload", "PutManifest")
    faults = ", ".join(f"{{plane: v2, operation: {one}, status: 503, times: 2}}" for one in operations)
    registry.play(f"faults: [{faults}]")
    run = cli.run(project.root, *named, **bare)
    assert run.code == 0 and "1.4.2" in registry.released(), run.stderr


def test_an_image_that_was_built_again_is_another_one(
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    bare: dict[str, str],
    tmp_path: Path,
) -> None:
    """The commit's tag stays with the first image; a version is a conflict, before anything is pushed."""
    project.commit("After the release", {"rootfs/etc/motd": "hello\n"})
    first, second = tmp_path / "first.tar", tmp_path / "second.tar"
    one, two = exported(project, first), exported(project, second, "--label=a=b")
    assert one != two
    for file in (first, second):
        run = cli.run(project.root, "-r", REPOSITORY, "--image", f"oci:{file}", **bare)
        assert run.code == 0, run.stderr
    tags = registry.released()
    assert (tags[f"sha-{project.head[:12]}"], tags["main"]) == (one, two)
    project.tag("v2.0.0")
    assert cli.run(project.root, "-r", REPOSITORY, "--image", f"oci:{first}", **bare).code == 0
    before = registry.asked("PutManifest") + registry.asked("PutImage")
    taken = cli.run(project.root, "-r", REPOSITORY, "--image", f"oci:{second}", **bare)
    assert taken.code == 2 and "taken by another image: 2.0.0" in taken.stderr, taken.stderr
    assert before == registry.asked("PutManifest") + registry.asked("PutImage")


def test_a_layout_that_is_damaged_is_refused_before_anything_is_pushed(
    cli: CommandLine,
    project: GitRepository,
    registry: Registry,
    bare: dict[str, str],
    tmp_path: Path,
) -> None:
    file, folder = tmp_path / "image.tar", tmp_path / "layout"
    exported(project, file)
    folder.mkdir()
    subprocess.run(["tar", "-xf", file, "-C", folder], check=True)
    blobs = (folder / "blobs" / "sha256").iterdir()
    layer = next(one for one in blobs if not one.read_bytes().startswith(b"{"))
    content = bytearray(layer.read_bytes())
    content[-1] ^= 1
    layer.write_bytes(content)
    for image in (folder, archived(folder)):
        run = cli.run(project.root, "-r", REPOSITORY, "--image", f"oci:{image}", **bare)
        assert run.code == 3 and "has another content than its digest says" in run.stderr, run.stderr
    layer.unlink()
    run = cli.run(project.root, "-r", REPOSITORY, "--image", f"oci:{folder}", "--fail-on", "hihg", **bare)
    assert run.code == 2 and "is missing" in run.stderr and "did you mean 'high'?" in run.stderr
    assert not registry.pushed_to
