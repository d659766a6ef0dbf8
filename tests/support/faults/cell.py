"""One cell of the matrix, and how the world of one is arranged."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.faults import points
from tests.support.faults.judge import KILLED
from tests.support.faults.points import Deed, Point
from tests.support.faults.world import World

SIGNALS = ((signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, KILLED))
# Faults that each call of the API can meet: name, the fault in a scenario, whether it passes by itself.
API = (
    ("400", "error: AccessDeniedException, status: 400, times: always", False),
    ("500 always", "error: ServerException, times: always", False),
    ("500 once", "error: ServerException, times: 1", True),
    ("throttled", "error: ThrottlingException, times: 2", True),
    ("dropped before", "drop: before, times: 1", True),
    ("dropped during", "drop: during, times: 1", True),
)


@dataclass(frozen=True)
class Cell:
    """One run with one fault.

    codes:    what it may end with.
    point:    where it is stopped for the deed; None: what `arrange` did is all.
    removed:  the deed deletes images, so that they are not lost by the run.
    undone:   the deed undoes a move that ECR confirmed to the run.
    rare:     a run may end before the point: it has fewer calls of this kind.
    """

    phase: str
    fault: str
    codes: tuple[int, ...]
    point: Point | None = None
    deed: Deed = points.nothing
    arrange: Callable[[World], object] = lambda world: None
    removed: bool = False
    undone: bool = False
    rare: bool = False

    @property
    def name(self) -> str:
        return f"{self.phase}: {self.fault}".replace(" ", "_")

    @property
    def is_signal(self) -> bool:
        return self.fault.startswith("SIG")


def scenario(text: str) -> Callable[[World], object]:
    return lambda world: world.play(text)


def options(*words: str) -> Callable[[World], object]:
    def arrange(world: World) -> None:
        world.options = words

    return arrange
