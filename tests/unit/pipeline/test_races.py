"""Races between the real stories in virtual time: hundreds of orders of events, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from ecr_push.base.errors import EcrPushError
from ecr_push.base.log import Redactor
from ecr_push.base.reference import Digest
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.roll_back import roll_back
from ecr_push.release.lock import TableLock
from ecr_push.release.moves import TagMoves
from ecr_push.release.promote import promote
from ecr_push.tags.kinds import classify
from ecr_push.tags.labels import COMMIT_LABEL, INPUTS_LABEL, VERSION_LABEL
from tests.support.benchmarks import benchmark
from tests.support.builders import no_builders
from tests.support.fakes import FakeNarrator, FakeRecord
from tests.support.locks import FakeTable
from tests.support.settings import settings

time, registries = benchmark("virtual_time"), benchmark("virtual_registry")
race_window = benchmark("race_window")
SEEDS = range(200, 350)  # in three of them the release puts `latest` again
NEWER_HAS_IT = "the newer release has it"
SLOW = race_window.even(0.02, 0.8)


@dataclass
class Race:
    """What came of a release of 1.5.0 and a rollback of `latest`, which pointed to 1.4.2."""

    seed: int
    images: dict[str, Digest]
    latest: Digest
    rollback: Record
    release: FakeRecord
    narrator: FakeNarrator
    version_tags: set[Digest]

    @property
    def went_back_from(self) -> Digest | None:
        found = self.rollback.outcome.rollback
        return found.before.digest if found else None


def labels(version: str) -> dict[str, str]:
    return {INPUTS_LABEL: "0" * 16, VERSION_LABEL: version, COMMIT_LABEL: version * 8}


def race(seed: int, *, locked: bool = False) -> Race:
    clock = time.VirtualTime(seed)
    registry = registries.VirtualRegistry(clock)
    made = {version: registries.image(version) for version in ("1.4.0", "1.4.1", "1.4.2", "1.5.0")}
    for version, manifest in made.items():
        tag = version if version != "1.5.0" else "candidate-1"
        floating = ("1.4", "1", "latest") if version == "1.4.2" else ()
        registry.push(manifest, tag, *floating, labels=labels(version))
    table = FakeTable(clock)
    narrator = FakeNarrator()

    def lock(owner: str) -> TableLock:
        return TableLock(table, owner, owner, clock, narrator)

    client = registries.VirtualClient(registry, lambda: SLOW(clock.random))
    tools = Tools(
        lambda target: client, no_builders, {}, clock, narrator, Redactor(), "run1",
        **({"open_lock": lambda target: lock("rollback")} if locked else {}),
    )  # fmt: skip
    record, released = Record(tools, sandbox=False), FakeRecord()

    def release() -> None:
        clock.sleep(clock.random.uniform(0, 4))
        moves = TagMoves(tuple(classify(("1.5.0", "1.5", "1", "latest"), "1.5.0")), state=registry.state)

        def move(still_held: Callable[[], None] = lambda: None) -> None:
            promote(moves, made["1.5.0"], client, released, narrator, clock, still_held)

        if not locked:
            return move()
        with lock("release").hold(registry.state.repository, made["1.5.0"].digest) as still_held:
            return move(still_held)

    def go_back() -> None:
        clock.sleep(clock.random.uniform(0, 4))
        roll_back("latest", "", settings(repository="team/app"), tools, record)

    with time.virtual(clock, race_window.WAITS_IN):
        ended = clock.run(release, go_back)
    assert ended[0] is None, ended[0]
    assert ended[1] is None or isinstance(ended[1], EcrPushError), ended[1]
    return Race(
        seed, {version: one.digest for version, one in made.items()}, registry.tags["latest"],
        record, released, narrator, {registry.tags[name] for name in ("1.5.0", "1.5", "1")},
    )  # fmt: skip


def check(one: Race) -> None:
    new = one.images["1.5.0"]
    code = one.rollback.outcome.exit_code
    assert code in (0, 4), one
    assert one.version_tags == {new}, one
    if one.latest == new:
        return
    # It went back from the new release, and knew it: nothing was overtaken.
    assert (code, one.went_back_from, one.latest) == (0, new, one.images["1.4.2"]), one


def test_no_rollback_overtakes_a_release_unnoticed() -> None:
    races = [race(seed) for seed in SEEDS]
    for one in races:
        check(one)
    gave_way = [one for one in races if "was not rolled back" in str(one.rollback.outcome.failure)]
    put_again = [one for one in races if NEWER_HAS_IT in str(one.release.tags)]
    assert gave_way and put_again  # both ways to the same end were gone


def test_with_a_lock_neither_has_anything_to_put_right() -> None:
    for seed in SEEDS[:60]:
        one = race(seed, locked=True)
        check(one)
        assert "was not rolled back" not in str(one.rollback.outcome.failure)
        assert NEWER_HAS_IT not in str(one.release.tags)


@pytest.mark.parametrize(
    "assumed", [*race_window.NO_ONE_DECIDES, *race_window.DECIDED], ids=lambda one: one.name
)
def test_two_pipelines_of_one_version_do_not_both_release_it(assumed: Any) -> None:
    for seed in range(40):
        played = race_window.play(assumed, seed)
        assert (played.released, played.apart) == (1, False), seed


def test_with_a_lock_one_of_two_pipelines_releases_the_version_however_late_a_call_is() -> None:
    def often_late(random: Random) -> float:
        return random.uniform(5, 10) if random.random() < 0.05 else random.uniform(0.02, 0.1)

    def hold(clock: Any, name: str, image: Digest) -> Any:
        table = tables.setdefault(id(clock), FakeTable(clock))
        lock = TableLock(table, name, name, clock, FakeNarrator())
        return lock.hold(registries.MUTABLE.repository, image)

    assumed = race_window.Assumed("some calls are late", often_late, 0.1)
    tables: dict[int, FakeTable] = {}
    without = [race_window.play(assumed, seed).released for seed in range(150)]
    assert 2 in without  # no one decides, and both looked before the other one moved
    for seed in range(80):
        tables.clear()
        played = race_window.play(assumed, seed, hold)
        assert (played.released, played.moved, played.apart) == (1, False, False), seed


def test_the_same_seed_plays_the_same_race() -> None:
    assumed = race_window.NO_ONE_DECIDES[2]
    assert [race_window.play(assumed, seed) for seed in range(9)] == [
        race_window.play(assumed, seed) for seed in range(9)
    ]
