"""The races: what the parties of one round do at the same time, and how the round is judged."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ecr_push.release.mutability import wanted_repository
from ecr_push.sandbox.model import Mutability
from tests.support.races.checkouts import Checkouts
from tests.support.races.judge import (
    Round,
    check_always,
    check_line,
    check_one_version,
    check_stays,
    short,
)
from tests.support.races.world import LONGEST_DELAY, Draw, Ended, World, at_once, delays

# How much later than the first one a party starts, at most.
LATEST_START = 0.8
# Far longer than any round takes, on a busy machine too.
_WAIT_SECONDS = 1800.0


@dataclass(frozen=True)
class Kind:
    """A kind of repository. floating: `--floating-tags` of its runs. lock: whether they hold one."""

    name: str
    mutability: Mutability
    floating: str = "all"
    lock: bool = False

    @property
    def decides(self) -> bool:
        """Whether the lock or the registry decides between two runs of a version: see `release/claims.py`."""
        protects = self.mutability.protects
        return self.lock or protects("1.0.0") or protects("claim-1.0.0")

    @property
    def floats(self) -> tuple[str, ...]:
        return ("1.0", "1", "latest") if self.floating == "all" else ("latest",)


def _as_created(floating: str) -> Mutability:
    wanted = wanted_repository(floating)
    return Mutability(wanted.mutability, wanted.exclusions)


# As `--create-repository` makes them, and as most repositories are.
KINDS = (
    Kind("claim", _as_created("all")),
    Kind("immutable", _as_created("latest"), floating="latest"),
    Kind("lock", Mutability("MUTABLE", ()), lock=True),
    Kind("undecided", Mutability("MUTABLE", ())),
)


@dataclass
class Table:
    """One round: its world, its repository and its dice."""

    world: World
    checkouts: Checkouts
    kind: Kind
    repository: str
    seed: str

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.world.sandbox.state.repositories.create(
            "private", self.repository, mutability=self.kind.mutability, scan_on_push=True
        )

    def slow(self, party: str) -> Draw:
        return delays(f"{self.seed}/{party}", LONGEST_DELAY)

    def release(self, checkout: Any, draw: Draw | None = None, **values: Any) -> Ended:
        given = {"floating_tags": self.kind.floating, **values}
        slow = draw or self.slow(checkout.name)
        return self.world.release(checkout, self.repository, slow, lock=self.kind.lock, **given)

    def roll_back(self, tag: str) -> Ended:
        return self.world.roll_back(tag, self.repository, self.slow("rollback"), lock=self.kind.lock)

    def changes(self) -> int:
        """How often a tag of the repository was set, moved or removed."""
        history = list(self.world.history(self.repository))
        return sum(before != after for before, after in pairwise(history))

    def at_the_same_time(self, *parties: Callable[[], Ended], spread: float = LATEST_START) -> list[Ended]:
        """How each of them ended, in their order. Each starts a random moment later."""
        ended: list[Ended | None] = [None] * len(parties)

        def play(place: int, start: float) -> None:
            time.sleep(start)
            ended[place] = parties[place]()

        threads = [
            threading.Thread(target=play, args=(place, self.dice.uniform(0, spread)), daemon=True)
            for place in range(len(parties))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_WAIT_SECONDS)
        assert all(ended), f"{self.repository}: a pipeline hangs"
        return [one for one in ended if one]

    def judged(self, ended: Sequence[Ended], before: Sequence[Ended] = ()) -> Round:
        done = Round(ended, self.world.images(self.repository), self.world.history(self.repository), before)
        check_always(done)
        return done


def same_version(table: Table, parties: int = 2) -> Round:
    """One version from several commits."""
    runs = [lambda one=one: table.release(one) for one in table.checkouts.same[:parties]]
    done = table.judged(table.at_the_same_time(*runs))
    check_one_version(done, "1.0.0", table.kind.floats)
    return done


def same_version_of_four(table: Table) -> Round:
    return same_version(table, 4)


def one_commit(table: Table, parties: int = 2) -> Round:
    """One commit, built by several pipelines, such as its branch's and its git tag's, to an image each."""
    checkout = table.checkouts.same[0]
    built = [replace(checkout, name=f"built {one}", content=f"built {one}") for one in range(parties)]
    done = table.judged(table.at_the_same_time(*[lambda one=one: table.release(one) for one in built]))
    for one in done.ended:
        if one.code:
            # Of two images that each have a tag, a run that comes later can use neither.
            name = "wrong exit" if table.kind.decides else "two winners"
            done.bad(name, f"{one.name} ended with {one.code}: {one.why}")
    if len(released := {one.digest for one in done.ended}) > 1:
        done.bad("two winners", ", ".join(map(short, sorted(released))))
    return done


def one_commit_of_four(table: Table) -> Round:
    return one_commit(table, 4)


def dirty(table: Table, parties: int = 2) -> Round:
    """Checkouts of one commit, each with changes of its own: one tag, which floats."""
    runs = [lambda one=one: table.release(one) for one in table.checkouts.dirty[:parties]]
    done = table.judged(table.at_the_same_time(*runs))
    for one in done.ended:
        if one.code:
            done.bad("wrong exit", f"{one.name} ended with {one.code}: {one.why}")
    return done


def dirty_of_four(table: Table) -> Round:
    return dirty(table, 4)


def old_and_new(table: Table, parties: int = 2) -> Round:
    """Versions that follow each other, in any order."""
    chosen = list(table.checkouts.line[:parties])
    table.dice.shuffle(chosen)
    done = table.judged(table.at_the_same_time(*[lambda one=one: table.release(one) for one in chosen]))
    check_line(done, ("1", "latest") if table.kind.floating == "all" else ("latest",))
    return done


def old_and_new_of_four(table: Table) -> Round:
    return old_and_new(table, 4)


def rollback(table: Table) -> Round:
    """A release against a rollback, which starts at any moment of it: after some of its changes."""
    first, second, third = table.checkouts.line[:3]
    before = [table.release(one, at_once) for one in (first, second)]
    assert [one.code for one in before] == [0, 0], [one.why or one.defect for one in before]
    seen, changes, pause = table.changes(), table.dice.randint(0, 8), table.dice.uniform(0, LATEST_START)
    over = threading.Event()

    def later() -> Ended:
        while table.changes() - seen < changes and not over.wait(0.05):
            pass
        time.sleep(pause)
        return table.roll_back("latest")

    def release() -> Ended:
        try:
            return table.release(third)
        finally:
            over.set()

    ran, back = table.at_the_same_time(release, later, spread=0)
    done = table.judged([ran, back], before)
    if ran.code:
        done.bad("wrong exit", f"{ran.name} ended with {ran.code}: {ran.why}")
    if back.code == 1 or (back.code and not back.why):
        done.bad("wrong exit", f"the rollback ended with {back.code}")
    check_stays(done, ran)
    decided = back.outcome.rollback
    after_release = bool(decided and decided.before.digest.value == ran.digest)
    wanted = before[1].digest if after_release and back.code == 0 else ran.digest
    at = done.tags.get("latest", "")
    if at != wanted and not ran.code:
        story = f"the rollback ended with {back.code} ({back.why or back.outcome.rollback})"
        done.bad("moved back", f"latest is at {short(at)}, not at {short(wanted)}; {story}")
    return done


def candidate_deleted(table: Table) -> Round:
    """Someone deletes the candidate, by its tag or by its digest, at any moment of the run."""
    checkout = table.checkouts.same[0]
    by_digest, pause = table.dice.random() < 0.5, table.dice.uniform(0, 4)
    deleted_at: list[float] = []
    over = threading.Event()

    def delete() -> None:
        while not over.is_set():
            for digest, tags in table.world.images(table.repository).items():
                for tag in [tag for tag in tags if tag.startswith("candidate-")]:
                    time.sleep(pause)
                    try:
                        image = {"digest": digest} if by_digest else {"tag": tag}
                        table.world.delete(table.repository, **image)
                        deleted_at.append(time.monotonic())
                    except Exception:  # the run had removed it
                        pass
                    return
            time.sleep(0.02)

    deleting = threading.Thread(target=delete, daemon=True)
    deleting.start()
    ran = table.release(checkout)
    over.set()
    deleting.join()
    done = table.judged([ran])
    if ran.code not in (0, 5) and not (deleted_at and ran.code == 4):
        done.bad("wrong exit", f"{ran.code}: {ran.why}")
    if ran.code == 5:
        if "deleted" not in ran.why and "is not in the registry" not in ran.why:  # the timeout, say
            done.bad("ended late", ran.why)
        if ran.outcome.candidate:
            done.bad("silent loser", f"the report says that {ran.outcome.candidate} stays")
    again = table.release(checkout, at_once)
    if again.code:
        done.bad("no convergence", f"run again, it ended with {again.code}: {again.why}{again.defect}")
    return done


STORIES: dict[str, Callable[[Table], Round]] = {
    "same version": same_version,
    "same version x4": same_version_of_four,
    "one commit": one_commit,
    "one commit x4": one_commit_of_four,
    "dirty checkouts": dirty,
    "dirty checkouts x4": dirty_of_four,
    "old and new": old_and_new,
    "old and new x4": old_and_new_of_four,
    "run and rollback": rollback,
    "candidate deleted": candidate_deleted,
}
