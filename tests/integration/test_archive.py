"""An archived image is not absent: its tag is taken, its version counts, and what can be done is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from ecr_push.sandbox.archive import RESTORE_SECONDS
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry
from tests.support.shelf import Shelf


@pytest.fixture
def shelf(registry: Registry, tmp_path: Path) -> Shelf:
    registry.create()
    folder = tmp_path / "layers"
    folder.mkdir()
    return Shelf(registry, folder)


def move(registry: Registry, tag: str, storage_class: str) -> str:
    answer = registry.api().update_image_storage_class(
        repositoryName=REPOSITORY, imageId={"imageTag": tag}, targetStorageClass=storage_class
    )
    return str(answer["imageStatus"])


def restore(registry: Registry, tag: str) -> None:
    assert move(registry, tag, "STANDARD") == "ACTIVATING"
    registry.sandbox.clock.advance(RESTORE_SECONDS + 1)


def test_clients_of_others_see_what_they_see_of_ecr(registry: Registry, shelf: Shelf) -> None:
    digest = shelf.put("1.4.1")
    shelf.put("1.4.2")
    assert move(registry, "1.4.1", "ARCHIVE") == "ARCHIVED"
    image = f"{registry.sandbox.host}/{REPOSITORY}"
    assert registry.client.ask("crane", "ls", image).split() == ["1.4.2"]
    for name in (f"{image}:1.4.1", f"{image}@{digest}"):
        with pytest.raises(Exception, match=r"MANIFEST_UNKNOWN|404"):
            registry.client.ask("crane", "manifest", name)
    with pytest.raises(ClientError, match="ImageArchivedException"):
        registry.api().start_image_scan(repositoryName=REPOSITORY, imageId={"imageTag": "1.4.1"})
    assert registry.scan_status(digest) == "IMAGE_ARCHIVED"
    restore(registry, "1.4.1")
    assert registry.client.ask("crane", "digest", f"{image}:1.4.1") == digest
    # What the scan had found before is gone; a restored image is scanned as one that was pushed.
    assert registry.scan_status(digest) == "COMPLETE"


def test_a_version_whose_image_is_archived_is_taken(
    cli: CommandLine, project: GitRepository, registry: Registry, shelf: Shelf
) -> None:
    digest = shelf.put("1.4.2", labels={"ecr-push.commit": "a" * 40})
    move(registry, "1.4.2", "ARCHIVE")
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 2, run.stderr
    assert f"1.4.2 ({digest[:19]})" in run.stderr
    assert "is archived" in run.stderr
    assert (
        f"aws ecr update-image-storage-class --repository-name {REPOSITORY} --image-id "
        f"imageDigest={digest} --target-storage-class STANDARD" in run.stderr
    )
    assert set(registry.tags()) == set()
    move(registry, "1.4.2", "STANDARD")
    run = cli.run(project.root, "-r", REPOSITORY)
    assert (run.code, "is being restored" in run.stderr) == (2, True)
    assert not registry.asked("PutImage")


@pytest.mark.usefixtures("engine")
def test_a_higher_version_counts_in_the_archive_too(
    cli: CommandLine, project: GitRepository, registry: Registry, shelf: Shelf
) -> None:
    shelf.put("2.0.0", "latest")
    move(registry, "2.0.0", "ARCHIVE")
    run = cli.run(project.root, "-r", REPOSITORY)
    assert run.code == 0, run.stderr
    assert run.tags["latest"] == "kept"
    assert {"1.4.2", "1.4", "1"} <= set(registry.tags())
    assert "latest" not in registry.tags()


def test_a_rollback_goes_to_no_archived_image(
    cli: CommandLine, registry: Registry, shelf: Shelf, tmp_path: Path
) -> None:
    oldest = shelf.put("1.4.0")
    archived = shelf.put("1.4.1")
    shelf.put("1.4.2", "latest")
    move(registry, "1.4.1", "ARCHIVE")
    named = cli.start("rollback", "latest", "--to", "1.4.1", "-r", REPOSITORY).end()
    assert (named.code, f"imageDigest={archived}" in named.stderr) == (4, True)
    ended = cli.start("rollback", "latest", "-r", REPOSITORY).end()
    assert ended.code == 0, ended.stderr
    assert "skipped, because they are archived: 1.4.1" in ended.stderr
    assert registry.tags()["latest"] == oldest


def test_a_policy_is_not_tried_on_an_archived_image(
    cli: CommandLine, registry: Registry, shelf: Shelf
) -> None:
    shelf.put("1.4.1")
    shelf.put("1.4.2")
    move(registry, "1.4.1", "ARCHIVE")
    tried = cli.start("policy", "test", "-r", REPOSITORY, "--output", "json").end()
    assert "it is archived: restore it first" in json.dumps(json.loads(tried.stdout))
