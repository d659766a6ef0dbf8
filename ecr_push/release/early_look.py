"""A look at tags that begins before it is due, beside something else that has to end first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from ecr_push.base import background
from ecr_push.base.clock import Clock
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError

# The longer ago a look was, the more may have moved since. One that began early counts if it is hardly older
# than one that has just ended: by half of the time that it took.
_TIMES = 1.5

T = TypeVar("T")


@dataclass(frozen=True)
class EarlyLook(Generic[T]):
    """taken: what was seen, and the time at which that was known. began, and that time: by the clock."""

    taken: Future[tuple[T, float]]
    look: Callable[[], T]
    began: float
    clock: Clock

    @classmethod
    def start(cls, look: Callable[[], T], clock: Clock) -> EarlyLook[T]:
        """Begins to look in the background."""
        began = clock.monotonic()
        taken = background.start(lambda: (look(), clock.monotonic()), "look at tags")
        return cls(taken, look, began, clock)

    def result(self) -> T:
        """What was seen; of a new look, if too long has passed since, or if the early one failed.

        Raises what that look raises.
        """
        try:
            seen, ended = self.taken.result()
        except EcrPushError:
            return self.look()
        age = self.clock.monotonic() - self.began
        return seen if age <= _TIMES * (ended - self.began) else self.look()
