"""One image of two builders: each pushes its platform's part, and a run joins, scans, judges and releases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")

PLATFORMS = ("linux/amd64", "linux/arm64")


def parts(cli: CommandLine, project: GitRepository, folder: Path) -> list[str]:
    """What two machines hand over: a file each, with the line that was printed."""
    files = []
    for platform in PLATFORMS:
        built = cli.command("build", project.root, "-r", REPOSITORY, "--platform", platform)
        assert built.code == 0 and "BUILT  " in built.stderr, built.stderr
        file = folder / platform.replace("/", "-")
        file.write_text(built.stdout)
        files += ["--part", str(file)]
    return files


def test_two_parts_are_released_as_one(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    registry.create()
    project.commit("Two platforms", images.CLEAN)
    project.tag("v1.5.0")
    files = parts(cli, project, tmp_path)
    assert registry.released() == {}

    own = ("--annotation", "index:team=shop", "--annotation", "manifest-descriptor[linux/arm64]:a=b")
    run = cli.run(project.root, "-r", REPOSITORY, *files, *own)
    assert run.code == 0, run.stderr
    assert set(registry.released().values()) == {run.digest}
    found = registry.manifest(run.image)
    assert [one["platform"]["architecture"] for one in found["manifests"]] == ["amd64", "arm64"]
    assert found["annotations"] == {"team": "shop"}
    assert [one.get("annotations") for one in found["manifests"]] == [None, {"a": "b"}]
    assert [one["platform"] for one in run.document["scan"]["platforms"]] == list(PLATFORMS)

    again = cli.run(project.root, "-r", REPOSITORY, *files, *own)
    assert (again.code, again.digest) == (0, run.digest), again.stderr


def test_a_bad_platform_refuses_the_whole(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    registry.create()
    project.commit("One is vulnerable", images.ONE_BAD_PLATFORM)
    run = cli.run(project.root, "-r", REPOSITORY, *parts(cli, project, tmp_path))
    assert run.code == 10, run.stderr
    assert registry.released() == {}


def test_a_part_alone_is_not_released(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    registry.create()
    project.commit("Two platforms", images.CLEAN)
    files = parts(cli, project, tmp_path)
    alone = cli.run(project.root, "-r", REPOSITORY, *files[:2], "--platform", ",".join(PLATFORMS))
    assert alone.code == 2 and "no part is for linux/arm64" in alone.stderr
    project.commit("Another commit", {"more": "1"})
    late = cli.run(project.root, "-r", REPOSITORY, *files)
    assert late.code == 2 and late.stderr.count("was built from commit") == 2
    assert registry.released() == {}
