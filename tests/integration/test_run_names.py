"""From a checkout to the tags in the registry: what each kind of checkout is called, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")


def sha(project: GitRepository) -> str:
    return f"sha-{project.head[:12]}"


def test_a_release_commit_gets_its_version_and_the_tags_that_follow_it(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 0, run.stderr
    assert run.image == f"{registry.sandbox.host}/{REPOSITORY}@{run.digest}"
    # The candidate is gone, and every tag is this very image.
    assert registry.tags() == dict.fromkeys([sha(project), "1.4.2", "1.4", "1", "latest"], run.digest)


def test_a_branch_commit_gets_the_next_version_by_distance_and_the_branch(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    project.branch("feature/Login_page")
    project.commit()
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 0, run.stderr
    assert registry.tags() == dict.fromkeys([sha(project), "1.4.3-dev.1", "feature-Login_page"], run.digest)
    assert run.document["source"]["branch"] == "feature/Login_page"


def test_a_dirty_checkout_gets_no_tag_that_names_a_commit_or_version(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    project.dirty("rootfs/etc/os-release")
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 0, run.stderr
    assert registry.released() == {f"dirty-{project.head[:12]}": run.digest}
    assert "uncommitted changes" in run.stderr


@pytest.mark.parametrize("ref", ["main", "v1.4.2"])
def test_a_shallow_clone_is_deepened(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path, ref: str
) -> None:
    registry.create()
    project.commit()
    shallow = project.shallow_clone(tmp_path / "shallow", ref=ref)
    run = cli.run(shallow.root, "-r", REPOSITORY)
    assert run.code == 0, run.stderr
    expected = ["1.4.3-dev.1", "main"] if ref == "main" else ["1.4.2", "1.4", "1", "latest"]
    assert set(registry.tags()) == {sha(shallow), *expected}
    assert "history" in run.stderr  # it is said what was fetched


@pytest.mark.parametrize("ref", ["main", "v1.4.2"])
@pytest.mark.parametrize("how", ["forbidden", "no remote"])
def test_a_clone_that_stays_shallow_is_an_error(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path, ref: str, how: str
) -> None:
    """Not even of the release itself: whether it is the highest one is in the tags that are not there."""
    registry.create()
    project.commit()
    shallow = project.shallow_clone(tmp_path / "shallow", ref=ref)
    if how == "no remote":
        project.root.rename(tmp_path / "gone")
    options = ("--no-deepen",) if how == "forbidden" else ()
    run = cli.run(shallow.root, "-r", REPOSITORY, *options)
    assert run.code == 2
    assert run.document["failure"]["kind"] == "source"
    assert "the git checkout is shallow" in run.stderr
    assert "run `git -C " in run.stderr and "fetch --unshallow --tags`" in run.stderr
    assert ("fix the git error above" in run.stderr) == (how != "forbidden")
    assert not registry.pushed_to


def test_extra_tags_and_no_floating_ones(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    run = cli.run(project.root, "-r", REPOSITORY, "--floating-tags", "none", "-t", "nightly", "-t", "canary")
    assert run.code == 0, run.stderr
    assert set(registry.tags()) == {sha(project), "1.4.2", "nightly", "canary"}


def test_the_image_says_what_it_was_built_from(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    project.git("remote", "add", "origin", "https://ada:secret@example.com/team/app.git")
    run = cli.run(project.root, "-r", REPOSITORY)
    labels = registry.labels(run.image)
    assert labels["org.opencontainers.image.revision"] == project.head
    assert labels["org.opencontainers.image.version"] == "1.4.2"
    assert labels["org.opencontainers.image.source"] == "https://example.com/team/app"
    assert "secret" not in run.stderr


@pytest.mark.parametrize("more", [(), ("--build-arg", "A=b")], ids=["build", "bake"])
def test_buildx_adds_no_labels_of_its_own(
    more: tuple[str, ...], cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    """Its revision and source would come before ours, and before those that the user gives."""
    registry.create()
    project.git("remote", "add", "origin", "https://ada:secret@example.com/team/app.git")
    given = ("--label", "org.opencontainers.image.revision=r1", *more)
    labels = registry.labels(cli.run(project.root, "-r", REPOSITORY, *given, BUILDX_GIT_LABELS="full").image)
    assert labels["org.opencontainers.image.revision"] == "r1"
    assert labels["org.opencontainers.image.source"] == "https://example.com/team/app"
    assert not [name for name in labels if name.startswith("com.docker.image.source")]
