"""Two pipelines of one version: ECR decides which one releases it, and the other one moves nothing."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from ecr_push.release.mutability import wanted_repository
from ecr_push.sandbox.image_store import Images
from ecr_push.sandbox.model import Image, Mutability
from tests.support import images
from tests.support.command_line import CommandLine, Ended, until
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry
from tests.support.shelf import OURS, Shelf

TAGS = ("1.4.2", "1.4", "1", "latest")
SLOW = "latency: {api: {'*': 0.05, PutImage: 0.3, BatchGetImage: 0.1}}"


def as_created(floating: str) -> Mutability:
    wanted = wanted_repository(floating)
    return Mutability(wanted.mutability, wanted.exclusions)


BY_CLAIM = as_created("all")


@pytest.fixture
def shelf(registry: Registry, tmp_path: Path) -> Shelf:
    (tmp_path / "layers").mkdir()
    return Shelf(registry, tmp_path / "layers")


@pytest.fixture
def second(cli: CommandLine, tmp_path: Path) -> CommandLine:
    made = CommandLine.at(tmp_path / "second", cli.environ)
    made.environ |= {"HOME": str(made.home), "TMPDIR": str(made.temporary)}
    return made


@pytest.fixture
def other(tmp_path: Path) -> GitRepository:
    """Another checkout whose commit is v1.4.2, too."""
    made = GitRepository.init(tmp_path / "other")
    made.commit("Another one", {**images.CLEAN, "rootfs/other": "content"})
    made.tag("v1.4.2")
    return made


def of_commit(letter: str) -> dict[str, str]:
    return {**OURS, "ecr-push.commit": letter * 40, "org.opencontainers.image.version": "1.4.2"}


def without_temporary(registry: Registry) -> dict[str, str]:
    kept = {name: at for name, at in registry.tags().items() if not name.startswith("candidate-")}
    assert not [name for name in kept if name.startswith("claim-")]
    return kept


@pytest.mark.parametrize(
    ("mutability", "tags"),
    [
        (BY_CLAIM, TAGS),
        (as_created("latest"), ("1.4.2", "latest")),
        (Mutability("IMMUTABLE"), ("1.4.2",)),
        (Mutability("MUTABLE"), TAGS),
        (Mutability("MUTABLE_WITH_EXCLUSION", ("sha-*",)), TAGS),
    ],
    ids=["claim", "immutable but latest", "immutable", "mutable", "sha alone"],
)
def test_of_two_promotions_of_one_version_one_wins(
    cli: CommandLine,
    second: CommandLine,
    registry: Registry,
    shelf: Shelf,
    mutability: Mutability,
    tags: tuple[str, ...],
) -> None:
    registry.create(mutability=mutability)
    digests = [shelf.put(f"candidate-{one}", labels=of_commit(one)) for one in "ab"]
    registry.play("faults: [{operation: PutImage, hold: before, times: 2}]")
    started = [
        one.start("promote", f"{REPOSITORY}:candidate-{letter}", *tags)
        for one, letter in ((cli, "a"), (second, "b"))
    ]
    # Where nothing decides, a late one would win, too: both have looked, and neither has set a tag.
    until(lambda: registry.sandbox.faults.held()["api"].get("PutImage") == 2, "both are about to set a tag")
    registry.play(SLOW)
    ended = [one.end() for one in started]
    assert sorted(one.code for one in ended) == [0, 4], [one.stderr for one in ended]
    won, lost = digests if ended[0].code == 0 else reversed(digests)
    loser = next(one for one in ended if one.code == 4)
    assert without_temporary(registry) == dict.fromkeys(tags, won)
    for part in (won[:19], lost[:19], "aaaaaaaaaaaa", "bbbbbbbbbbbb"):
        assert part in loser.stderr
    letter = "ab"[digests.index(lost)]
    assert registry.tags()[f"candidate-{letter}"] == lost


@pytest.mark.usefixtures("engine")
def test_of_two_runs_of_one_version_one_wins_and_the_other_sets_no_git_tag(
    cli: CommandLine, second: CommandLine, project: GitRepository, other: GitRepository, registry: Registry
) -> None:
    registry.create(mutability=BY_CLAIM)
    registry.play(SLOW)
    started = [
        cli.start_run(project.root, "-r", REPOSITORY),
        second.start_run(other.root, "-r", REPOSITORY),
    ]
    ended = [one.end() for one in started]
    won = next(one for one in ended if one.code == 0)
    lost = next(one for one in ended if one.code)
    # The slower one finds the version, or the claim on it, before its build if it is that much slower.
    assert lost.code in (2, 4), lost.stderr
    assert without_temporary(registry) == dict.fromkeys(won.tags, won.digest)
    assert "moved" not in lost.tags.values()
    assert "No release tag was moved: " in lost.stderr


def died(cli: CommandLine, project: GitRepository, registry: Registry) -> Ended:
    """A run that claims its version and then gets nothing done any more."""
    registry.create(mutability=BY_CLAIM)
    registry.play("faults: [{operation: PutImage, skip: 1, error: InvalidParameterException, times: always}]")
    run = cli.run(project.root, "-r", REPOSITORY)
    registry.play("{}")
    assert run.code == 4
    return run


@pytest.mark.usefixtures("engine")
def test_the_claim_of_a_run_that_died_stops_others_and_is_taken_over(
    cli: CommandLine, second: CommandLine, project: GitRepository, other: GitRepository, registry: Registry
) -> None:
    digest = died(cli, project, registry).document["image"]["digest"]
    assert registry.tags()["claim-1.4.2"] == digest
    registry.sandbox.faults.forget()
    stopped = second.run(other.root, "-r", REPOSITORY)
    assert stopped.code == 2
    for part in ("claimed by another image: 1.4.2", digest[:19], project.head[:12], "imageTag=claim-1.4.2"):
        assert part in stopped.stderr
    assert registry.asked("PutImage") == 0 == registry.asked("PutManifest")
    again = cli.run(project.root, "-r", REPOSITORY)
    assert again.code == 0, again.stderr
    assert again.document["image"]["reused"] is True
    assert registry.tags() == dict.fromkeys(again.tags, digest)


@pytest.mark.usefixtures("engine")
def test_a_claim_that_was_given_up_is_in_no_ones_way(
    cli: CommandLine, second: CommandLine, project: GitRepository, other: GitRepository, registry: Registry
) -> None:
    died(cli, project, registry)
    registry.api().batch_delete_image(repositoryName=REPOSITORY, imageIds=[{"imageTag": "claim-1.4.2"}])
    run = second.run(other.root, "-r", REPOSITORY)
    assert run.code == 0, run.stderr
    assert without_temporary(registry)["1.4.2"] == run.digest


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_that_ecr_only_says_it_moved_is_an_error(
    cli: CommandLine, registry: Registry, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tag: str
) -> None:
    put = Images.put

    def says_so(self: Images, kind: Any, name: str, content: bytes, **more: Any) -> Image:
        if more.get("tag") != tag:
            return put(self, kind, name, content, **more)
        found = self.find(kind, name, digest=more["digest"])
        return dataclasses.replace(found, tags=(*found.tags, tag))

    registry.create(mutability=BY_CLAIM)
    shelf.put("candidate-a", labels=of_commit("a"))
    monkeypatch.setattr(Images, "put", says_so)
    run = cli.command("promote", f"{REPOSITORY}:candidate-a", *TAGS)
    assert run.code == 4, run.stderr
    assert f"not moved, though ECR said so: {tag}" in run.stderr
    assert "does not exist" in run.stderr


def test_a_plan_says_where_nothing_decides(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create(mutability=Mutability("MUTABLE"))
    said = "the registry cannot decide between two pipelines that release 1.4.2"
    plan = cli.command("plan", project.root, "-r", REPOSITORY)
    assert plan.code == 0, plan.stderr
    assert said in plan.stdout
    command = plan.stdout.partition("; aws ")[2].splitlines()[0]
    assert "filter='claim-*'" in command
    registry.client.ask("sh", "-c", f"aws {command}")
    assert said not in cli.command("plan", project.root, "-r", REPOSITORY).stdout
