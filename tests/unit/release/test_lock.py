"""The lock around a promotion, with a table in memory and a clock that only sleep() moves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecr_push.base.errors import Interrupted, RegistryError
from ecr_push.registry.lock_table import LockItem
from ecr_push.release.lock import LEASE_SECONDS, NO_LOCK, WAIT_SECONDS, DryLock, TableLock
from tests.support.fakes import REPOSITORY, FakeClock, FakeNarrator, digest
from tests.support.locks import FakeTable

IMAGE = digest("one")
NAME = REPOSITORY.uri


class World:
    def __init__(self, ahead: float = 0) -> None:
        self.clock = FakeClock()
        self.table = FakeTable(self.clock, ahead)
        self.narrator = FakeNarrator()

    def lock(self, owner: str = "us") -> TableLock:
        return TableLock(self.table, owner, f"https://ci.example/{owner}", self.clock, self.narrator)

    def held_by_other(self, seconds: int | None = LEASE_SECONDS) -> LockItem:
        now = self.table.now()
        expires = None if seconds is None else now + seconds
        other = LockItem("other", "https://ci.example/other", digest("two").value, now - 5, expires)
        self.table.items[NAME] = other
        return other


def test_it_is_held_within_the_block_and_gone_after_it() -> None:
    world = World()
    with world.lock().hold(REPOSITORY, IMAGE) as still_held:
        held = world.table.items[NAME]
        assert (held.owner, held.who, held.image) == ("us", "https://ci.example/us", IMAGE.value)
        assert held.expires == world.table.now() + LEASE_SECONDS
        still_held()
    assert world.table.items == {}
    assert world.narrator.said == world.narrator.warned == []


def test_once_it_was_checked_it_takes_one_request_to_take_and_one_to_release() -> None:
    world = World()
    lock = world.lock()
    lock.check(REPOSITORY)
    assert world.table.items == {}
    with lock.hold(REPOSITORY, IMAGE):
        pass
    assert world.table.log == ["check", "put", "remove"]


@pytest.mark.parametrize("error", [RegistryError("ECR refused"), Interrupted(15), ZeroDivisionError()])
def test_it_is_released_however_the_block_ends(error: BaseException) -> None:
    world = World()
    with pytest.raises(type(error)), world.lock().hold(REPOSITORY, IMAGE):
        raise error
    assert world.table.items == {}


def test_who_waits_gets_it_once_it_is_released() -> None:
    world = World()
    world.held_by_other()

    def release(request: str) -> None:
        if world.clock.seconds > 7:
            world.table.items.pop(NAME, None)

    world.table.before = release
    with world.lock().hold(REPOSITORY, IMAGE):
        assert world.table.items[NAME].owner == "us"
    assert world.clock.seconds < 15
    (said,) = world.narrator.said
    assert said.startswith(
        f"waiting for the lock of {NAME}: https://ci.example/other has held it since 2026-"
    )


def test_the_wait_ends_and_names_who_holds_it() -> None:
    world = World()
    world.held_by_other(seconds=3600)
    with pytest.raises(RegistryError) as raised, world.lock().hold(REPOSITORY, IMAGE):
        pytest.fail("it is not ours")
    assert raised.value.exit_code == 4
    assert WAIT_SECONDS <= world.clock.seconds < WAIT_SECONDS + 10
    assert len(world.table.log) < 200  # the pauses grow
    for part in (
        "https://ci.example/other",
        "since 2026-01-02 03:04:00Z",
        digest("two").short,
        "moved nothing",
    ):
        assert part in str(raised.value)
    assert world.table.items[NAME].owner == "other"


def test_a_wait_that_is_interrupted_leaves_the_others_item() -> None:
    world = World()
    other = world.held_by_other()

    def interrupt(request: str) -> None:
        if world.clock.seconds > 3 and request == "find":
            raise Interrupted(15)

    world.table.before = interrupt
    with pytest.raises(Interrupted), world.lock().hold(REPOSITORY, IMAGE):
        pytest.fail("it is not ours")
    assert world.table.items[NAME] == other


def test_a_signal_between_the_write_and_its_answer_leaves_no_lock() -> None:
    world = World()
    put = world.table.put

    def interrupted(name: str, item: LockItem, *, instead_of: LockItem | None = None) -> bool:
        put(name, item, instead_of=instead_of)
        raise Interrupted(15)

    world.table.put = interrupted  # type: ignore[method-assign]
    with pytest.raises(Interrupted), world.lock().hold(REPOSITORY, IMAGE):
        pass
    assert world.table.items == {}


def test_the_lock_of_a_dead_holder_is_taken_over_once_it_expired() -> None:
    world = World()
    world.held_by_other(seconds=60)
    with world.lock().hold(REPOSITORY, IMAGE):
        assert world.table.items[NAME].owner == "us"
    assert 60 < world.clock.seconds < 75
    assert "which had expired: https://ci.example/other has held it" in world.narrator.warned[0]


@pytest.mark.parametrize("ahead", [-290, 290])
def test_a_clock_that_is_wrong_takes_no_lock_that_is_held(ahead: float) -> None:
    """AWS takes requests of clocks that are five minutes off."""
    world = World(ahead)
    world.held_by_other(seconds=60)
    with world.lock().hold(REPOSITORY, IMAGE):
        assert world.table.items[NAME].expires == world.table.now() + LEASE_SECONDS
    assert 60 < world.clock.seconds < 75


def test_of_two_that_see_an_expired_lock_one_takes_it() -> None:
    world = World()
    world.held_by_other(seconds=-60)

    def first(request: str) -> None:
        if request == "put" and world.table.log.count("find") == 2:  # we have seen it, and so has a third one
            world.table.items[NAME] = LockItem("third", "third", expires=world.table.now() + 30)
            world.table.before = lambda request: None

    world.table.before = first
    with world.lock().hold(REPOSITORY, IMAGE):
        assert world.clock.seconds > 30
    assert "third has held it" in world.narrator.said[0]


def test_an_item_without_an_end_is_waited_for_and_the_message_says_how_it_goes() -> None:
    world = World()
    world.held_by_other(seconds=None)
    with pytest.raises(RegistryError, match="never expires"), world.lock().hold(REPOSITORY, IMAGE):
        pytest.fail("it is not ours")


def test_a_holder_that_stood_still_renews_what_no_one_took() -> None:
    world = World()
    with world.lock().hold(REPOSITORY, IMAGE) as still_held:
        world.clock.sleep(3 * LEASE_SECONDS)
        still_held()
        assert world.table.items[NAME].expires == world.table.now() + LEASE_SECONDS


@pytest.mark.parametrize("after", ["taken over", "taken over and released"])
def test_a_holder_that_lost_its_lock_stops(after: str) -> None:
    world = World()
    with pytest.raises(RegistryError, match="lost while tags were being moved") as raised:  # noqa: SIM117
        with world.lock().hold(REPOSITORY, IMAGE) as still_held:
            world.clock.sleep(LEASE_SECONDS + 10)
            with world.lock("second").hold(REPOSITORY, IMAGE):
                if after == "taken over":
                    still_held()
            still_held()
    assert ("https://ci.example/second has held it" in raised.value.why) == (after == "taken over")
    assert raised.value.exit_code == 4


def test_a_lock_that_cannot_be_released_is_a_warning() -> None:
    world = World()

    def refuse(request: str) -> None:
        if request == "remove":
            raise RegistryError("AWS refused dynamodb:DeleteItem", why="AccessDenied")

    world.table.before = refuse
    with world.lock().hold(REPOSITORY, IMAGE):
        pass
    assert "could not be released" in world.narrator.warned[0]
    assert "dynamodb:DeleteItem" in world.narrator.warned[0]


def test_a_dry_run_reads_alone_and_says_who_holds_it() -> None:
    world = World()
    other = world.held_by_other()
    lock = DryLock(world.table, world.narrator)
    lock.check(REPOSITORY)
    with lock.hold(REPOSITORY, IMAGE) as still_held:
        still_held()
    assert world.table.log == ["find"]
    assert world.table.items == {NAME: other}
    assert "https://ci.example/other has held it" in world.narrator.said[0]


def test_without_a_lock_nothing_is_held() -> None:
    NO_LOCK.check(REPOSITORY)
    with NO_LOCK.hold(REPOSITORY, IMAGE) as still_held:
        still_held()


def test_what_others_wrote_is_shown_in_part() -> None:
    world = World()
    world.table.items[NAME] = replace(world.held_by_other(None), who="x" * 5000, since=10**15)
    with pytest.raises(RegistryError) as raised, world.lock().hold(REPOSITORY, IMAGE):
        pass
    assert len(str(raised.value)) < 900
