"""The registry's own replication: waited for after a release, and filled back, read with the AWS CLI."""

from __future__ import annotations

import json
from typing import Any

import pytest
import urllib3

from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.pusher import Pusher, rootfs
from tests.support.registry import REPOSITORY, Registry

TAGS = {"1.4.2", "1.4", "1", "latest"}
NORTH, SOUTH = "eu-north-1", "eu-south-1"


def push(registry: Registry, tag: str) -> str:
    """An image that the scanner can read; its digest."""
    token = registry.sandbox.tokens.issue(registry.sandbox.options.account, "private").authorization
    with urllib3.PoolManager() as http:
        return Pusher(registry.sandbox.url, token, http).push(REPOSITORY, tag, rootfs(tag), {}).value


def there(registry: Registry, region: str, *words: str) -> Any:
    """What another region answers."""
    return json.loads(registry.client.ask("aws", "--region", region, "ecr", *words, "--output", "json"))


def tags_in(registry: Registry, region: str) -> dict[str, str]:
    listed = there(registry, region, "list-images", "--repository-name", REPOSITORY)["imageIds"]
    return {one["imageTag"]: one["imageDigest"] for one in listed if "imageTag" in one}


@pytest.fixture
def replicated(cli: CommandLine, registry: Registry) -> Registry:
    """A registry with an image that is older than its replication to two regions."""
    registry.create()
    cli.folder.joinpath("ecr-registry.yml").write_text(
        f"replication:\n  - {{to: [{NORTH}], delete: true}}\n  - {{to: [{SOUTH}], repositories: [team/]}}\n"
    )
    made = cli.command("registry", "apply", cli.folder / "ecr-registry.yml")
    assert made.code == 0, made.stderr
    return registry


@pytest.mark.usefixtures("engine")
def test_a_release_waits_for_every_region_and_finds_a_tag_that_was_dropped(
    cli: CommandLine, replicated: Registry, project: GitRepository
) -> None:
    replicated.play(f"replication: {{delay: 1, region: {SOUTH}}}")
    released = cli.run(project.root, "-r", REPOSITORY, "--wait-replication")
    assert released.code == 0, released.stderr
    copies = {one["region"]: one for one in released.document["replicas"]}
    assert copies.keys() == {NORTH, SOUTH}
    for region, one in copies.items():
        assert (one["status"], one["whole"], one["reference"]) == ("COMPLETE", True, released.image)
        assert set(one["tags"]) >= TAGS
        found = tags_in(replicated, region)
        assert {found[name] for name in TAGS} == {released.digest}
    # Deletions went north alone: the candidate's tag is still in the south.
    assert not [name for name in tags_in(replicated, NORTH) if name.startswith("candidate-")]
    assert [name for name in tags_in(replicated, SOUTH) if name.startswith("candidate-")]
    assert f"replication to {SOUTH}" in released.stderr and "COMPLETE" in released.stderr

    frozen = (
        "put-image-tag-mutability",
        "--repository-name",
        REPOSITORY,
        "--image-tag-mutability",
        "IMMUTABLE",
    )
    there(replicated, SOUTH, *frozen)
    project.commit("Second", {"rootfs/app": "another"})
    project.tag("v1.4.3")
    dropped = cli.run(project.root, "-r", REPOSITORY, "--wait-replication")
    assert (dropped.code, dropped.document["failure"]["phase"]) == (4, "replicate"), dropped.stderr
    copies = {one["region"]: one for one in dropped.document["replicas"]}
    assert copies[NORTH]["whole"] and not copies[SOUTH]["whole"]
    digest = released.digest
    assert {"tag": "latest", "digest": digest} in copies[SOUTH]["others"]
    assert "1.4.3" in copies[SOUTH]["tags"]
    assert f"latest names {digest} there" in dropped.stderr
    assert replicated.tags()["latest"] != digest, "the release stands in its own repository"


def test_promote_says_which_region_failed(cli: CommandLine, replicated: Registry) -> None:
    push(replicated, "1.0")
    replicated.play(f"replication: {{failure: AccessDenied, region: {NORTH}}}")
    ended = cli.command(
        "promote", f"{REPOSITORY}:1.0", "production", "--wait-replication", "--output", "json"
    )
    assert ended.code == 4, ended.stderr
    document = json.loads(ended.stdout)
    assert [(one["region"], one["status"], one["failure"]) for one in document["replicas"]] == [
        (NORTH, "FAILED", "AccessDenied"),
        (SOUTH, "COMPLETE", None),
    ]
    assert "FAILED (AccessDenied)" in ended.stderr


def test_what_was_there_before_is_filled_back_and_what_failed_is_named(
    cli: CommandLine, registry: Registry
) -> None:
    registry.create()
    digest = push(registry, "1.0")
    (cli.folder / "r.yml").write_text(f"replication: [{{to: [{NORTH}, {SOUTH}]}}]\n")
    assert cli.command("registry", "apply", cli.folder / "r.yml").code == 0
    registry.play(f"replication: {{failure: KmsError, region: {SOUTH}}}")
    filled = cli.command("registry", "backfill")
    assert filled.code == 4, filled.stderr
    assert f"{NORTH}/{registry.sandbox.options.account}: COMPLETE, 1 of 1" in filled.stdout
    assert f"    {REPOSITORY}:1.0: KmsError" in filled.stdout
    assert tags_in(registry, NORTH) == {"1.0": digest}
    registry.play("{}")
    assert cli.command("registry", "backfill", SOUTH).code == 0
    assert tags_in(registry, SOUTH) == {"1.0": digest}
