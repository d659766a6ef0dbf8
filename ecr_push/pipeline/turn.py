"""A turn at moving a repository's tags: the lock around it, where `--lock` asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext

from ecr_push.base.reference import Digest, Repository
from ecr_push.pipeline.record import Record
from ecr_push.release.lock import PromotionLock, StillHeld


@contextmanager
def turn(lock: PromotionLock, repository: Repository, image: Digest, record: Record) -> Iterator[StillHeld]:
    """Holds the lock; the wait for it is a phase of its own, in which no tag was moved yet."""
    with ExitStack() as held:
        with record.phase("lock") if lock.exists else nullcontext():
            still_held = held.enter_context(lock.hold(repository, image))
        yield still_held
