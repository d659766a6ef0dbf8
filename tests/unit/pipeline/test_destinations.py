"""One run, several repositories: from the preflight to the tags, with repositories in memory."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base import background
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, ImageName, Repository, Tag, parse_repository
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.destinations import Destinations
from ecr_push.pipeline.judge_image import judge_image
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.run import dry_run, run
from ecr_push.registry.destination import parse_destination
from ecr_push.registry.dry_run import DryRun
from ecr_push.registry.interface import RepositoryClient, RepositoryState
from ecr_push.registry.layer_api import Blob, OpenBlob, Sent, TransferError
from ecr_push.registry.oci import Manifest
from ecr_push.registry.options import target_of
from ecr_push.registry.target import RepositoryTarget
from ecr_push.settings.declare import Settings
from ecr_push.tags.labels import VERSION_LABEL
from tests.support.fakes import HOST, FakeLayers, FakeRepository, digest, manifest
from tests.support.judged_images import answer
from tests.support.stories import Story, without_git

TAGS = ["sha-0123456789ab", "1.4.2", "1.4", "1", "latest"]
OTHER = digest("another image")
ELSEWHERE = HOST.replace("eu-west-1", "eu-central-1")
# Beside the run's own repository, in another region, and a second one there.
BESIDE, FAR, FAR_TOO = f"{HOST}/team/copy", f"{ELSEWHERE}/team/app", f"{ELSEWHERE}/team/copy"
PUBLIC = "public.ecr.aws/acme/app"


@pytest.fixture(autouse=True)
def _without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    without_git(monkeypatch)


def place(uri: str, **more: Any) -> FakeRepository:
    return FakeRepository(at=parse_repository(uri), **more)


class World:
    """The run's own repository, and others by their URIs."""

    def __init__(self, folder: Path, *others: FakeRepository, severity: str = "LOW", **own: Any) -> None:
        self.own = FakeRepository(answers=lambda image: answer(severity), **own)
        self.others = {one.at.uri: one for one in others}
        for one in others:  # an image has its labels in its configuration, wherever it is
            one._labels = self.own._labels
        self.story = Story(folder, self.own)

    def open(self, target: RepositoryTarget) -> RepositoryClient:
        found = [one for one in self.others.values() if _is(one.at, target)]
        return found[0] if found else self.own

    def run(self, *to: str, story: Any = run, **values: Any) -> Outcome:
        texts = to or tuple(self.others)
        return self.story.run(
            story, open_repository=self.open, to=tuple(map(parse_destination, texts)), **values
        )

    @property
    def image(self) -> Digest:
        return self.story.builders.image.digest


def _is(repository: Repository, target: RepositoryTarget) -> bool:
    return (target.host == repository.registry.host and target.name == repository.name) or (
        target.public and repository.registry.kind == "public"
    )


def states(found: Outcome) -> dict[str, str]:
    return {one.name: one.result for one in found.destinations}


def test_each_gets_the_image_and_its_tags(tmp_path: Path) -> None:
    world = World(tmp_path, place(BESIDE), place(FAR), place(PUBLIC))
    found = world.run()
    assert (found.status, found.exit_code) == ("accepted", 0)
    assert states(found) == dict.fromkeys((BESIDE, FAR, PUBLIC), "released")
    for one in world.others.values():
        assert one.tags == dict.fromkeys(TAGS, world.image) == world.own.tags
        assert one.log[1] == f"+{world.image.short}"
        assert set(one.log[-3:]) == {"1.4", "1", "latest"}  # at the same time
    assert [one.reference for one in found.destinations][1] == f"{FAR}@{world.image}"


def test_layers_are_mounted_within_a_registry_and_sent_once_to_another(tmp_path: Path) -> None:
    world = World(tmp_path, place(BESIDE), place(FAR), place(FAR_TOO))
    world.run()
    ways = {uri: [one for one in repository.log if one in ("sent", "mounted")] for uri, repository in
            world.others.items()}  # fmt: skip
    assert ways[BESIDE] == ["mounted"]
    assert sorted([*ways[FAR], *ways[FAR_TOO]]) == ["mounted", "sent"]


def test_without_destinations_there_is_no_phase_for_them(tmp_path: Path) -> None:
    found = World(tmp_path).story.run(run)
    assert "copy" not in found.seconds
    assert found.destinations == ()


def test_a_refused_image_is_nowhere(tmp_path: Path) -> None:
    world = World(tmp_path, place(FAR), place(PUBLIC), severity="CRITICAL")
    found = world.run()
    assert found.exit_code == 10
    assert states(found) == {FAR: "pending", PUBLIC: "pending"}
    for one in world.others.values():
        assert one.tags == {}
        assert not any(name.startswith("+") for name in one.log), "a manifest makes layers an image"
    assert world.others[PUBLIC].log == [], "what was not accepted is not even in parts in public"


class Refusing(FakeRepository):
    """Takes no layers."""

    @property
    def layers(self) -> FakeLayers:
        class Layers(FakeLayers):
            def put(self, blob: Blob, open_blob: OpenBlob, mount_from: Repository | None = None) -> Sent:
                raise TransferError("PUT was answered with HTTP 400", status=400)

        return Layers(self)


def test_no_tag_moves_anywhere_before_each_required_one_has_the_image(tmp_path: Path) -> None:
    broken = Refusing(at=parse_repository(FAR))
    world = World(tmp_path, place(BESIDE), broken, tags={"latest": OTHER})
    found = world.run()
    assert (found.exit_code, found.failure and found.failure.phase) == (4, "copy")
    assert found.failure and found.failure.what == f"{FAR}: PUT was answered with HTTP 400"
    assert "no release tag has moved" in found.failure.remedy
    assert states(found) == {BESIDE: "held", FAR: "failed"}
    assert world.own.tags["latest"] == OTHER
    assert world.others[BESIDE].tags == broken.tags == {}
    assert not found.may_have_moved
    # Without the fault the same command completes it.
    world.others[FAR] = place(FAR)
    again = world.run()
    assert states(again) == {BESIDE: "released", FAR: "released"}


def test_every_one_that_fails_is_named(tmp_path: Path) -> None:
    world = World(tmp_path, Refusing(at=parse_repository(BESIDE)), Refusing(at=parse_repository(FAR)))
    failure = world.run().failure
    assert failure and failure.what == "2 repositories cannot get the image"
    assert failure.why.splitlines() == [
        f"- {BESIDE}: PUT was answered with HTTP 400",
        f"- {FAR}: PUT was answered with HTTP 400",
    ]


def test_one_that_is_not_required_stops_nothing_and_is_warned_of(tmp_path: Path) -> None:
    world = World(tmp_path, Refusing(at=parse_repository(FAR)), place(PUBLIC))
    found = world.run(f"repository={FAR},required=false", PUBLIC)
    assert (found.status, found.exit_code) == ("accepted", 0)
    assert states(found) == {FAR: "failed", PUBLIC: "released"}
    assert [one for one in world.story.narrator.warned if FAR in one] == [
        f"{FAR}, which is not required, does not get the image: PUT was answered with HTTP 400"
    ]


class Breaking(FakeRepository):
    """Fails at the n-th write of a tag."""

    left = 99

    def put_tag(self, manifest: Manifest, tag: Tag, *, patient: bool = True) -> bool:
        self.left -= 1
        if self.left < 0:
            raise RegistryError("the connection is gone")
        return super().put_tag(manifest, tag)


@pytest.mark.parametrize("after", range(len(TAGS)))
def test_tags_that_broke_off_are_completed_by_the_next_run(tmp_path: Path, after: int) -> None:
    breaking = Breaking(at=parse_repository(FAR))
    breaking.left = after
    world = World(tmp_path, breaking, place(BESIDE))
    found = world.run()
    assert (found.exit_code, found.failure and found.failure.phase) == (4, "promote")
    assert states(found) == {FAR: "failed", BESIDE: "released"}
    assert found.may_have_moved
    assert world.own.tags == dict.fromkeys(TAGS, world.image)
    assert len(breaking.tags) <= after
    breaking.left = 99
    again = world.run()
    assert states(again) == {FAR: "released", BESIDE: "released"}
    assert world.story.builders.log == ["build"], "the version's tag is what it finds the image by"
    assert breaking.tags == dict.fromkeys(TAGS, world.image)


def test_everything_that_is_wrong_is_found_before_the_build(tmp_path: Path) -> None:
    taken = manifest("another image")
    world = World(
        tmp_path,
        place(BESIDE, tags={"1.4.2": taken.digest}, manifests=[taken]),
        place(FAR, state=None),
        place(FAR_TOO),
    )
    found = world.run()
    assert (found.exit_code, found.failure and found.failure.phase) == (4, "registry")
    assert found.failure
    for words in (f"- {BESIDE}: taken by another image: 1.4.2", f"- {FAR}: there is no repository"):
        assert words in found.failure.why
    assert (world.story.builders.log, world.own.tags) == (["build", "ended"], {}), "nothing was pushed"
    assert states(found) == {BESIDE: "failed", FAR: "failed", FAR_TOO: "pending"}


def test_what_is_wrong_with_the_runs_own_repository_hides_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, place(FAR, state=None), state=None)
    failure = world.run().failure
    assert failure and "there is no repository" in failure.what
    assert f"besides, {FAR}: there is no repository" in failure.why
    assert "--create-repository creates it" in failure.remedy


def test_missing_ones_are_created_where_that_is_asked_for(tmp_path: Path) -> None:
    world = World(tmp_path, place(FAR, state=None), place(BESIDE))
    found = world.run(create_repository=True)
    assert {one.name: one.created for one in found.destinations} == {FAR: True, BESIDE: False}
    assert found.created_repository == ""
    assert world.others[FAR].tags["latest"] == world.image


def test_an_image_of_this_commit_that_only_a_destination_has(tmp_path: Path) -> None:
    """Another build would differ, and the version's tag there never moves: it is found before the build."""
    world = World(tmp_path, place(FAR))
    world.run()
    first = world.image
    world.own.tags.clear()
    world.story.builders.image = manifest("built again")
    world.own.log.clear()
    failure = world.run().failure
    assert failure and (failure.exit_code, failure.kind) == (2, "conflict")
    assert f"{FAR}: taken by another image: sha-0123456789ab ({first.short})" in failure.what
    assert world.story.builders.log == ["build", "build", "ended"]
    assert world.own.tags == {}


def test_a_version_that_is_taken_there_during_the_scan_moves_nothing(tmp_path: Path) -> None:
    far = place(FAR)
    world = World(tmp_path, far)
    taken = manifest("another image")

    def answers(image: Digest) -> Mapping[str, Any]:
        far.push(taken, Tag("1.4.2"), {})
        return answer("LOW")

    world.own._answers = answers
    found = world.run()
    assert (found.exit_code, found.failure and found.failure.phase) == (4, "copy")
    assert world.own.tags.keys() == {str(found.candidate)}
    assert far.tags == {"1.4.2": taken.digest}


def test_of_two_that_change_at_the_same_time_the_outcome_has_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the one that is noted last has read of the other one may be old by then."""
    read, is_noted, note = threading.Event(), threading.Event(), Record.note

    def late(own: Record, **nouns: Any) -> None:
        if threading.current_thread().name == "first":
            read.set()
            is_noted.wait(0.2)
        note(own, **nouns)

    def both(settings: Settings, facts: object, tools: Tools, record: Record) -> None:
        first, second = Destinations(settings.registry.to, target_of(settings.registry), tools, record)._all
        under_way = background.start(first.foresee, "first")
        assert read.wait(60)
        second.foresee()
        is_noted.set()
        under_way.result(60)

    monkeypatch.setattr(Record, "note", late)
    found = World(tmp_path, place(FAR), place(BESIDE)).run(story=both)
    assert [one.result for one in found.destinations] == ["planned", "planned"]


def test_floating_tags_only_move_forward_in_each(tmp_path: Path) -> None:
    far = place(FAR, tags={"1.5.0": OTHER, "1": OTHER, "latest": OTHER})
    world = World(tmp_path, far)
    (found,) = world.run().destinations
    assert {one.tag.name: one.reason for one in found.promoted if one.result == "kept"} == dict.fromkeys(
        ("1", "latest"), "1.5.0 is higher"
    )
    assert (far.tags["latest"], world.own.tags["latest"]) == (OTHER, world.image)


def test_another_build_of_a_commit_gets_no_tag_there_that_the_first_one_has_here(tmp_path: Path) -> None:
    """Else 1.4.2 would be two images, and the next run that finds the first one would be refused."""
    world = World(tmp_path, place(FAR))
    base = f"BASE=docker.io/library/node@{digest('old')}"
    moved = f"BASE=docker.io/library/node@{digest('new')}"
    assert world.story.run(run, build_args=(base,)).exit_code == 0
    first = world.image
    world.story.builders.image = again = manifest("built again")
    found = world.run(build_args=(moved,))
    assert found.exit_code == 0, found.failure
    stay = {"sha-0123456789ab", "1.4.2"}
    assert {name: of for name, of in world.own.tags.items() if name in stay} == dict.fromkeys(stay, first)
    there = world.others[FAR].tags
    assert there == {name: of for name, of in world.own.tags.items() if name not in stay}
    assert set(there.values()) == {again.digest} and len(there) == 4
    # It is found again, and the first one is where its base is the one of now.
    assert world.run(build_args=(moved,)).exit_code == 0 and world.others[FAR].tags == there
    assert world.run(build_args=(base,)).exit_code == 0
    assert dict.fromkeys(TAGS, first).items() <= world.others[FAR].tags.items()


def test_two_names_of_one_repository(tmp_path: Path) -> None:
    world = World(tmp_path, place(FAR))
    failure = world.run(FAR, f"repository={FAR},required=false").failure
    assert failure and failure.what == f"{FAR} is named twice"


def test_a_dry_run_asks_all_and_changes_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, place(FAR, tags={"latest": OTHER}), place(BESIDE, state=None))
    opened = world.open
    world.open = lambda target: DryRun(opened(target), world.story.narrator)  # type: ignore[method-assign]
    found = world.run(story=dry_run, create_repository=True)
    assert states(found) == {FAR: "planned", BESIDE: "planned"}
    assert {one.name: one.exists for one in found.destinations} == {FAR: True, BESIDE: False}
    assert found.destinations[0].before == {Tag("latest"): OTHER}
    assert all(one.log == [] for one in world.others.values())


# ------------------------------------------------------------------------- promote --to


def promoting(*tags: str, image: str = "candidate-1") -> Any:
    def story(settings: Any, facts: Any, tools: Any, record: Any) -> None:
        judge_image(ImageName.parse(f"team/app:{image}"), tags, settings, tools, record)

    return story


def candidate(tmp_path: Path, *others: FakeRepository, severity: str = "LOW") -> tuple[World, Digest]:
    """A world whose own repository has an image that waits for its verdict."""
    image = manifest("waiting")
    world = World(tmp_path, *others, severity=severity, manifests=[image], tags={"candidate-1": image.digest})
    world.own._labels[image.digest] = {VERSION_LABEL: "1.4.2"}
    return world, image.digest


def test_an_accepted_candidate_is_promoted_everywhere(tmp_path: Path) -> None:
    world, image = candidate(tmp_path, place(FAR, tags={"latest": OTHER}), place(PUBLIC))
    found = world.run(story=promoting("1.4.2", "latest"))
    assert (found.status, states(found)) == ("accepted", {FAR: "released", PUBLIC: "released"})
    for one in (world.own, *world.others.values()):
        assert {name: one.tags[name] for name in ("1.4.2", "latest")} == {"1.4.2": image, "latest": image}
    assert not any(name.startswith("candidate-") for name in world.own.tags)


def test_a_refused_one_is_promoted_nowhere(tmp_path: Path) -> None:
    world, _ = candidate(tmp_path, place(FAR), severity="CRITICAL")
    found = world.run(story=promoting("1.4.2"))
    assert (found.exit_code, states(found)) == (10, {FAR: "pending"})
    assert world.others[FAR].tags == {} and list(world.own.tags) == ["candidate-1"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"tags": {"1.4.2": OTHER}}, "1.4.2 already names"),
        ({"state": None}, f"there is no repository {HOST}/team/app"),
        ({"state": RepositoryState(parse_repository(FAR), "IMMUTABLE"), "tags": {"latest": OTHER}}, "latest"),
    ],
)
def test_what_a_destination_cannot_take_is_found_before_the_scan(
    tmp_path: Path, more: dict[str, Any], words: str
) -> None:
    far = place(FAR, labels={OTHER: {}}, manifests=[manifest("another image")], **more)
    far._manifests[OTHER] = manifest("another image")
    world, _ = candidate(tmp_path, far)
    found = world.run(story=promoting("1.4.2", "latest"))
    assert found.failure and found.failure.phase == "registry"
    assert words in found.failure.what + found.failure.why
    assert found.scan is None and far.log == [] and list(world.own.tags) == ["candidate-1"]


def test_no_tag_moves_before_a_required_one_has_the_image(tmp_path: Path) -> None:
    world, _ = candidate(tmp_path, Refusing(at=parse_repository(FAR)))
    found = world.run(story=promoting("1.4.2"))
    assert (found.exit_code, found.failure and found.failure.phase) == (4, "copy")
    assert list(world.own.tags) == ["candidate-1"]


def test_a_missing_destination_is_created_if_that_is_asked_for(tmp_path: Path) -> None:
    world, image = candidate(tmp_path, place(FAR, state=None))
    found = world.run(story=promoting("1.4.2"), create_repository=True)
    assert (states(found), found.destinations[0].created) == ({FAR: "released"}, True)
    assert world.others[FAR].tags == {"1.4.2": image}


def test_a_dry_run_of_it_sends_nothing(tmp_path: Path) -> None:
    world, _ = candidate(tmp_path, place(FAR))
    opened = world.open
    world.open = lambda target: DryRun(opened(target), world.story.narrator)  # type: ignore[method-assign]
    found = world.run(story=promoting("1.4.2"), dry_run=True)
    assert (found.status, states(found)) == ("accepted", {FAR: "planned"})
    assert world.others[FAR].log == world.own.log == []
