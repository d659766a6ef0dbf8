"""How the status of one scan goes on, request by request and second by second. Not thread-safe."""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.sandbox.scenario import ScanStep


class Course:
    """The statuses that a scenario orders, from the moment that the scan was asked for.

    A step without seconds holds for one request; one with seconds holds so long from the end of the step
    before it; the last one stays.
    """

    def __init__(self, steps: Sequence[ScanStep], started_at: float) -> None:
        self._steps = steps
        self._since = started_at
        self._index = 0
        self._answered = False

    def status(self, now: float) -> str:
        """What this request is to be answered."""
        while self._index < len(self._steps) - 1:
            step = self._steps[self._index]
            if step.seconds is None:
                if not self._answered:
                    self._answered = True
                    break
                self._since = now
            elif now - self._since < step.seconds:
                break
            else:
                self._since += step.seconds
            self._answered = False
            self._index += 1
        return self._steps[self._index].status
