"""A run of each image, several at the same time, each behind those that it needs.

A run is a process of its own: what one does to itself, memory, a crash, a signal, is not done to the others,
and each ends by itself as a single run does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import wait

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.process import Stop

# A run that is ended removes its candidate and the builder's files first.
GRACE_SECONDS = 30.0
# Of an image that did not run: no exit code of a run.
SKIPPED = -1


@dataclass(frozen=True)
class Ended:
    """How the run of an image ended. document: its result document; {} where there is none.

    skipped: the image that it needs, and that did not end well.
    """

    name: str
    code: int
    document: Mapping[str, object]
    skipped: str = ""
    seconds: float = 0.0


RunOne = Callable[[str, Stop], Ended]


class Runs:
    """Runs of images. names are in order; needs has, of each, those of the names that it needs."""

    def __init__(self, names: Sequence[str], needs: Mapping[str, Sequence[str]], run_one: RunOne) -> None:
        self.ended: dict[str, Ended] = {}
        self._needs = needs
        self._run_one = run_one
        self._waiting = list(names)
        self._stops: set[Stop] = set()
        self._changed = threading.Condition()

    def all(self, jobs: int) -> None:
        """Runs all, jobs at the same time. An interruption ends them, and waits until they have."""
        workers = [background.start(self._work, "run image") for _ in range(min(jobs, len(self._waiting)))]
        try:
            for worker in workers:
                worker.result()
        except BaseException:
            with self._changed:
                self._waiting.clear()
                stops = list(self._stops)
                self._changed.notify_all()
            wait([background.start(one.now, "end image") for one in stops])
            wait(workers, GRACE_SECONDS)
            raise

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._waiting and (name := self._next()) is None:
                    self._changed.wait()
                if not self._waiting or name is None:
                    return
                self._waiting.remove(name)
                lost = next((one for one in self._needs[name] if self.ended[one].code), "")
                stop = Stop(GRACE_SECONDS)
                self._stops.add(stop)
            ended = Ended(name, SKIPPED, {}, lost) if lost else self._run_one(name, stop)
            with self._changed:
                self._stops.discard(stop)
                self.ended[name] = ended
                self._changed.notify_all()

    def _next(self) -> str | None:
        """The first image that nothing keeps waiting."""
        return next(
            (name for name in self._waiting if all(one in self.ended for one in self._needs[name])), None
        )
