"""The wait until what was there before replication is in every destination."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecr_push.base.clock import Clock
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError
from ecr_push.base.place import Place
from ecr_push.registry.backfills import COMPLETE, UNDER_WAY, Backfill, Backfills, FailedImage

_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Filled:
    """What became of the backfill to one destination. error: why there is none.

    failed: what it did not replicate, once it has ended.
    """

    place: Place
    backfill: Backfill | None = None
    failed: tuple[FailedImage, ...] = ()
    error: RegistryError | None = None

    @property
    def is_done(self) -> bool:
        return self.backfill is not None and self.backfill.status == COMPLETE and not self.backfill.failed

    @property
    def is_under_way(self) -> bool:
        return self.backfill is not None and self.backfill.status in UNDER_WAY


def start_backfills(places: Sequence[Place], backfills: Backfills, say: Say) -> list[Filled]:
    """One to each place, unless one is under way. An error of one does not hold up the others."""
    there = {one.place: one for one in reversed(backfills.all()) if one.status in UNDER_WAY}
    found = []
    for place in places:
        try:
            known = there.get(place)
            started = known or backfills.find(backfills.start(place))
        except RegistryError as error:
            found.append(Filled(place, error=error))
            continue
        say(f"{place}: backfill {started.id} {'is under way' if known else 'started'}")
        found.append(Filled(place, started))
    return found


def follow(
    found: Sequence[Filled], backfills: Backfills, clock: Clock, seconds: float, say: Say
) -> list[Filled]:
    """Waits until all have ended, at most so many seconds; what is under way then goes on without us."""
    left, began, pause = list(found), clock.monotonic(), _PAUSE
    said: dict[Place, str] = {}
    while True:
        left = [_looked(one, backfills) if one.is_under_way else one for one in left]
        for one in left:
            if one.backfill and said.get(one.place) != (text := progress_of(one.backfill)):
                say(f"{one.place}: {text}")
                said[one.place] = text
        waited = clock.monotonic() - began
        if not any(one.is_under_way for one in left) or waited >= seconds:
            return [_with_failures(one, backfills) for one in left]
        clock.sleep(min(pause, max(seconds - waited, 0.0)))
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def progress_of(one: Backfill) -> str:
    """`IN_PROGRESS, 12 of 40, 1 failed (CODE)`."""
    parts = [one.status + (f" ({one.failure})" if one.failure else "")]
    if one.total is not None:
        parts.append(f"{one.completed or 0:,} of {one.total:,}")
    if one.failed:
        parts.append(f"{one.failed:,} failed" + (f" ({', '.join(one.codes)})" if one.codes else ""))
    return ", ".join(parts)


def _looked(one: Filled, backfills: Backfills) -> Filled:
    if one.backfill is None:
        return one
    try:
        return Filled(one.place, backfills.find(one.backfill.id))
    except RegistryError as error:
        return Filled(one.place, error=error)


def _with_failures(one: Filled, backfills: Backfills) -> Filled:
    if one.backfill is None or one.is_under_way or one.is_done:
        return one
    try:
        return Filled(one.place, one.backfill, backfills.failed(one.backfill.id))
    except RegistryError as error:
        return Filled(one.place, one.backfill, error=error)
