"""One promotion or rollback of a repository at a time, across all machines: a lock in a table.

ECR has no lock, and no compare-and-set for a tag that may move. So a run that moves tags can hold an item in
a table meanwhile: from its last look at the tags until it has read them back, which takes seconds. Others
wait. An item says when it expires, so that a holder that died blocks no one for longer than `LEASE_SECONDS`;
a holder renews it before each step, and stops where it is no longer its own.

All times in an item are the table's: each machine knows how far its own clock is off from that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timezone
from typing import Protocol

from ecr_push.base import background
from ecr_push.base.clock import Clock
from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Repository
from ecr_push.registry.lock_table import LockItem, LockTable

# Longer than any call of ours takes with its retries (six attempts of 35 s and the pauses between them), so
# that none that began under the lock ends after it.
LEASE_SECONDS = 300
# Longer than the lease: a holder that died delays others, and fails none of them.
WAIT_SECONDS = 360
# The table tells its time to the second, and ours went on while it answered.
GRACE_SECONDS = 3
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, GROWTH = 0.25, 5.0, 1.5
RELEASE_SECONDS = 10.0  # how long the end of a run waits for the release of its lock
_SHOWN = 200  # characters of what someone else wrote into the table

StillHeld = Callable[[], None]  # raises RegistryError where the lock is no longer ours


class PromotionLock(Protocol):
    """Held while the tags of a repository are looked at and moved."""

    @property
    def exists(self) -> bool:
        """Whether there is a lock at all."""
        ...

    def check(self, repository: Repository) -> None:
        """Raises RegistryError if the lock could not be taken later, however long one waits."""
        ...

    def hold(self, repository: Repository, image: Digest) -> AbstractContextManager[StillHeld]:
        """Holds the lock, once it is free. image: what the tags will point to.

        Raises RegistryError if it is not free in time, or cannot be asked for.
        """
        ...


class NoLock:
    """See `PromotionLock`. Where none was asked for: no one waits."""

    exists = False

    def check(self, repository: Repository) -> None: ...

    def hold(self, repository: Repository, image: Digest) -> AbstractContextManager[StillHeld]:
        return nullcontext(lambda: None)


NO_LOCK = NoLock()


class DryLock:
    """See `PromotionLock`. For a dry run: reads whether the table is there, and who holds the lock."""

    exists = True

    def __init__(self, table: LockTable, narrator: Narrator) -> None:
        self._table = table
        self._narrator = narrator

    def check(self, repository: Repository) -> None:
        if item := self._table.find(repository.uri).item:
            self._narrator.say(f"{repository} is locked: {_holder(item)}")

    def hold(self, repository: Repository, image: Digest) -> AbstractContextManager[StillHeld]:
        return nullcontext(lambda: None)


class TableLock:
    """See `PromotionLock`. owner is of this call alone; who names it for people."""

    exists = True

    def __init__(self, table: LockTable, owner: str, who: str, clock: Clock, narrator: Narrator) -> None:
        self._table = table
        self._us = LockItem(owner, who)
        self._clock = clock
        self._narrator = narrator
        self._ahead: float | None = None  # seconds that the table's clock is ahead of ours, once it is known

    def check(self, repository: Repository) -> None:
        self._note_time(self._table.check(repository.uri, owner=self._us.owner).at)

    @contextmanager
    def hold(self, repository: Repository, image: Digest) -> Iterator[StillHeld]:
        name = repository.uri
        try:
            ours = self._take(name, replace(self._us, image=image.value))
            yield lambda: self._renew(name, ours)
        finally:
            # Also where it was not taken as far as we know: a signal may have come before the answer.
            self._release(name)

    def _take(self, name: str, item: LockItem) -> LockItem:
        if self._ahead is None:
            self._note_time(self._table.find(name).at)
        deadline = self._clock.monotonic() + WAIT_SECONDS
        pause, named = FIRST_PAUSE_SECONDS, ""
        expired: LockItem | None = None
        while True:
            ours = replace(item, since=self._now(), expires=self._now() + LEASE_SECONDS)
            if self._table.put(name, ours, instead_of=expired):
                if expired:
                    self._narrator.warn(
                        f"took over the lock of {name}, which had expired: {_holder(expired)}"
                    )
                return ours
            found = self._table.find(name)
            self._note_time(found.at)
            holder = found.item
            expired = holder if holder and self._has_expired(holder) else None
            if self._clock.monotonic() >= deadline and not expired:
                raise _is_held(name, holder or LockItem(""))
            if holder is None or expired:
                continue
            if holder.owner != named:
                named = holder.owner
                self._narrator.say(f"waiting for the lock of {name}: {_holder(holder)}")
            self._clock.sleep(pause)
            pause = min(pause * GROWTH, LONGEST_PAUSE_SECONDS)

    def _renew(self, name: str, ours: LockItem) -> None:
        if self._table.renew(name, replace(ours, expires=self._now() + LEASE_SECONDS)):
            return
        other = self._table.find(name).item
        raise RegistryError(
            f"the lock of {name} was lost while tags were being moved",
            why=f"it was taken over: {_holder(other)}" if other else "its item in the table is gone",
            remedy="run again, which completes the tags; a lock is lost after "
            f"{LEASE_SECONDS // 60} minutes in which its holder stood still, or where someone removes it",
        )

    def _release(self, name: str) -> None:
        removed = background.start(lambda: self._table.remove(name, self._us.owner), "unlock")
        try:
            removed.result(RELEASE_SECONDS)
        except FutureTimeoutError:
            self._warn_kept(name, "no answer in time")
        except EcrPushError as error:
            self._warn_kept(name, f"{error.what}: {error.why}")

    def _warn_kept(self, name: str, why: str) -> None:
        self._narrator.warn(
            f"the lock of {name} could not be released; it ends within {LEASE_SECONDS // 60} minutes: {why}"
        )

    def _has_expired(self, holder: LockItem) -> bool:
        return holder.expires is not None and holder.expires + GRACE_SECONDS < self._now()

    def _now(self) -> int:
        return int(self._clock.now().timestamp() + (self._ahead or 0))

    def _note_time(self, at: float) -> None:
        if at:
            self._ahead = at - self._clock.now().timestamp()


def _is_held(name: str, holder: LockItem) -> RegistryError:
    end = (
        f"by itself it is free at {_time(holder.expires)}"
        if holder.expires is not None
        else "it never expires: where no one works under it, remove its item from the table"
    )
    return RegistryError(
        f"{name} is locked by another promotion or rollback",
        why=f"{_holder(holder)}; waited {WAIT_SECONDS // 60} minutes, and moved nothing",
        remedy=f"run again when that has ended; {end}",
    )


def _holder(item: LockItem) -> str:
    who = item.who or item.owner or "someone without a name"
    since = f" since {_time(item.since)}" if item.since else ""
    image = f" (image {item.image[: len('sha256:') + 12]})" if item.image else ""
    return f"{who[:_SHOWN]} has held it{since}{image}"


def _time(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%d %H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return f"{seconds} seconds after 1970"
