"""What a run did when: its phases, one after the other, and what ran beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from ecr_push.base.dataclass import dataclass

T = TypeVar("T")


@dataclass(frozen=True)
class Span:
    """A part of a run's time.

    began, seconds: seconds since the run began, and how many it took.
    waited:         whether it is a phase, for whose end the run waited; otherwise it ran beside phases.
    """

    what: str
    began: float
    seconds: float
    waited: bool


class Timed(Protocol):
    """Returns a call that is the same, and whose time is kept under the name what."""

    def __call__(self, what: str, call: Callable[[], T], /) -> Callable[[], T]: ...


def untimed(what: str, call: Callable[[], T], /) -> Callable[[], T]:
    """See `Timed`, where no one asks for times."""
    return call
