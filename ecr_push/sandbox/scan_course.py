"""The statuses of one scan over requests and time. Not thread-safe."""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.sandbox.scenario_model import ScanStep


class Course:
    """The statuses that a scenario orders, from the moment that the scan was requested.

    A step without seconds lasts for one request; one with seconds lasts that long from the end of the step
    before it; the last one stays.
    """

    def __init__(self, steps: Sequence[ScanStep], started_at: float) -> None:
        self._steps = steps
        self._since = started_at
        self._index = 0
        self._answered = False

    def status(self, now: float) -> str:
        """Returns the status for this request."""
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
