"""The wait for the copies that ECR makes of a released image: to their end, or a clear failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.place import Place
from ecr_push.base.reference import Registry, Repository, Tag
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.replication import LONGEST_SILENCE, await_replication
from ecr_push.registry.replication_status import ReplicationStatus
from ecr_push.registry.target import RepositoryTarget
from ecr_push.release.promoted_tag import PromotedTag
from tests.support.fakes import FakeClock, FakeNarrator, FakeRepository, manifest
from tests.support.judged_images import tools
from tests.support.settings import settings

IMAGE, OTHER = manifest("image"), manifest("other")
EAST = Place("us-east-1", "123456789012")
WEST = Place("us-west-2", "210987654321")
TAGS = ("1.4.2", "latest")


def at(place: Place) -> Repository:
    return Repository(Registry.parse(f"{place.account}.dkr.ecr.{place.region}.amazonaws.com"), "team/app")


class World:
    """A registry with a released image, and those that it is replicated to."""

    def __init__(self, statuses: list[list[tuple[Place, str, str]]]) -> None:
        self.own = FakeRepository(tags=dict.fromkeys(TAGS, IMAGE.digest), manifests=[IMAGE])
        self.own.replication[""] = [tuple(ReplicationStatus(*one) for one in answer) for answer in statuses]
        self.there: dict[str, FakeRepository] = {}
        self.clock = FakeClock()
        self.narrator = FakeNarrator()
        self.asked: list[RepositoryTarget] = []

    def replica(
        self, place: Place, tags: Mapping[str, object] | None = None, **more: object
    ) -> FakeRepository:
        named = dict.fromkeys(TAGS, IMAGE.digest) if tags is None else tags
        found = FakeRepository(tags=named, manifests=[IMAGE, OTHER], at=at(place), **more)  # type: ignore[arg-type]
        self.there[place.region] = found
        return found

    def open(self, target: RepositoryTarget) -> FakeRepository:
        self.asked.append(target)
        return self.there[target.region]

    def wait(self, seconds: float = 1800) -> Record:
        made: Tools = replace(tools(), open_repository=self.open, clock=self.clock, narrator=self.narrator)
        record = Record(made, sandbox=False)
        record.note(promoted=tuple(PromotedTag(Tag(name), "moved") for name in TAGS))
        options = settings(wait_replication=True, replication_timeout=seconds)
        target = RepositoryTarget("team/app", role="arn:aws:iam::123456789012:role/push")
        try:
            await_replication(target, IMAGE.digest, self.own, options, made, record)
        except RegistryError as error:
            self.error = error
        return record


def test_each_destination_is_followed_until_it_has_the_image_and_its_tags() -> None:
    world = World(
        [
            [(EAST, "IN_PROGRESS", "")],
            [(EAST, "COMPLETE", ""), (WEST, "IN_PROGRESS", "")],
            [(EAST, "COMPLETE", ""), (WEST, "COMPLETE", "")],
        ]
    )
    world.replica(EAST)
    world.replica(WEST)
    found = world.wait().outcome.replicas
    assert [one.reference for one in found] == [at(place).pinned(IMAGE.digest) for place in (EAST, WEST)]
    assert all(one.is_whole and one.tags == TAGS for one in found)
    last = world.asked[-1]
    assert (last.name, last.role) == ("team/app", "arn:aws:iam::123456789012:role/push")
    assert {(one.region, one.registry_id) for one in world.asked} == {
        ("us-east-1", "123456789012"),
        ("us-west-2", "210987654321"),
    }
    assert any(
        "replication to us-east-1/123456789012: COMPLETE: 1.4.2, latest" in one for one in world.narrator.said
    )


def test_a_failure_of_one_is_named_with_its_code_when_the_others_have_ended() -> None:
    world = World(
        [
            [(EAST, "FAILED", "AccessDenied"), (WEST, "IN_PROGRESS", "")],
            [(EAST, "FAILED", "AccessDenied"), (WEST, "COMPLETE", "")],
        ]
    )
    world.replica(EAST, {"1.4.2": OTHER.digest})
    world.replica(WEST)
    record = world.wait()
    assert world.error.what == "the release is not whole in 1 of 2 destinations of the replication"
    assert world.error.why == "- us-east-1/123456789012: FAILED (AccessDenied)"
    assert world.error.exit_code == 4 and "the release stands" in world.error.remedy
    assert "ecr-push registry backfill us-east-1/123456789012`" in world.error.remedy
    assert [one.is_whole for one in record.outcome.replicas] == [False, True]
    assert record.outcome.failure and record.outcome.failure.phase == "replicate"


def test_what_a_backfill_has_brought_after_a_failure_counts() -> None:
    world = World([[(EAST, "FAILED", "AccessDenied")]])
    world.replica(EAST)
    [found] = world.wait().outcome.replicas
    assert found.is_whole and (found.tags, found.failure) == (TAGS, "")


def test_a_tag_that_an_immutable_destination_dropped_is_found() -> None:
    world = World([[(EAST, "COMPLETE", "")]])
    replica = world.replica(EAST, {"1.4.2": IMAGE.digest, "latest": OTHER.digest})
    assert replica.state
    replica.state = replace(replica.state, mutability="IMMUTABLE")
    [found] = world.wait().outcome.replicas
    assert found.others == (("latest", OTHER.digest.value),)
    assert f"COMPLETE: 1.4.2; latest names {OTHER.digest} there" in world.error.why
    assert "immutable" in world.error.remedy
    assert world.clock.monotonic() < 60  # at once, not at the deadline


def test_a_tag_that_is_late_is_waited_for() -> None:
    world = World([[(EAST, "COMPLETE", "")]])
    replica = world.replica(EAST, {"1.4.2": IMAGE.digest})
    world.own.replication["latest"] = [((ReplicationStatus(EAST, "IN_PROGRESS")),)] * 2
    sleep = world.clock.sleep

    def arrive(seconds: float) -> None:
        sleep(seconds)
        if world.clock.monotonic() > 20:
            replica.tags["latest"] = IMAGE.digest

    world.clock.sleep = arrive  # type: ignore[method-assign]
    assert world.wait().outcome.replicas[0].is_whole


def test_a_tag_whose_own_copy_failed_is_a_failure() -> None:
    world = World([[(EAST, "COMPLETE", "")]])
    world.replica(EAST, {"1.4.2": IMAGE.digest})
    world.own.replication["latest"] = [(ReplicationStatus(EAST, "FAILED", "KmsError"),)]
    world.wait()
    assert "FAILED (KmsError)" in world.error.why


def test_the_wait_has_an_end_of_its_own() -> None:
    world = World([[(EAST, "IN_PROGRESS", "")]])
    world.wait(seconds=120)
    assert "after 120 s" in world.error.what and "IN_PROGRESS" in world.error.why
    assert "goes on waiting" in world.error.remedy


def test_an_image_that_is_replicated_nowhere() -> None:
    world = World([[]])
    world.wait()
    assert "replicates the image nowhere" in world.error.what
    assert "ecr-push registry backfill" in world.error.remedy
    assert LONGEST_SILENCE <= world.clock.monotonic() < LONGEST_SILENCE + 20


def test_a_destination_that_may_not_be_asked_counts_by_its_status_with_a_warning() -> None:
    world = World([[(WEST, "COMPLETE", "")]])

    class Closed(FakeRepository):
        def describe(self) -> None:  # type: ignore[override]
            raise RegistryError("AWS refused ecr:DescribeRepositories", why="AccessDenied")

    world.there["us-west-2"] = Closed(at=at(WEST))
    [found] = world.wait().outcome.replicas
    assert found.is_whole and not found.reference
    assert "could not be read there" in found.words and not hasattr(world, "error")


@pytest.mark.parametrize("state", ["IN_PROGRESS", "COMPLETE"])
def test_a_repository_that_is_not_there_yet_is_waited_for(state: str) -> None:
    world = World([[(EAST, state, "")]])
    world.replica(EAST, state=None)
    world.wait(seconds=30)
    assert "IN_PROGRESS" in world.error.why
