"""When to ask ECR next. All images of a run share one pace.

Without throttling, the end of a scan is seen within a second or 5 % of its duration. For a worst case of 5 %
no schedule needs fewer calls than one whose pauses grow by 5 %.
"""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_PAUSE_SECONDS = 0.25
SHORT_PAUSE_SECONDS = 1.0
EARLY_SHARE = 0.5
LATE_SHARE = 0.05
# Pipelines that started together must not ask at the same times. Jitter only shortens a pause.
JITTER = 0.08

# Pauses after throttling. ECR publishes no quota for these calls, so we back off adaptively: the pauses
# double with each refusal and shrink with each response. With these numbers a fleet far beyond its quota
# (benchmarks/fleet.py) lost the least time.
FIRST_BRAKE_SECONDS = 2.0
LAST_BRAKE_SECONDS = 20.0
RELEASE = 0.85

# Events are sent on a best-effort basis, so ECR is also asked from time to time while listening.
LOOK_FIRST_SECONDS = 30.0
LOOK_SHARE = 0.25
# The longest pause before reading again a queue that holds only events of other runs.
LONGEST_CROWDED_SECONDS = 5.0


class Pace:
    """Computes the pauses between calls. now is `clock.monotonic`; uniform(a, b) returns a random number."""

    def __init__(self, now: float, uniform: Callable[[float, float], float] = random.uniform) -> None:
        self._began = now
        self._brake = 0.0
        self._uniform = uniform

    def restart(self, now: float) -> None:
        """Starts with short pauses again: a scan has just started, or has changed."""
        self._began = now

    def answered(self) -> None:
        self._brake = self._brake * RELEASE if self._brake > FIRST_BRAKE_SECONDS else 0.0

    def refused(self) -> None:
        """Slows down: a call was throttled or got no response."""
        self._brake = min(max(FIRST_BRAKE_SECONDS, 2 * self._brake), LAST_BRAKE_SECONDS)

    def pause(self, now: float, images: int = 1) -> float:
        """Returns the seconds until the next turn, in which the scans of so many images are requested."""
        elapsed = max(now - self._began, 0.0)
        early = min(max(FIRST_PAUSE_SECONDS, EARLY_SHARE * elapsed), SHORT_PAUSE_SECONDS)
        usual = max(early, LATE_SHARE * elapsed) * images
        if self._brake > usual:
            return self._uniform(0.5, 1.5) * self._brake
        return self._uniform(1 - JITTER, 1.0) * usual

    def look(self, now: float) -> float:
        """Returns the seconds until ECR is asked although no event arrived."""
        usual = max(LOOK_FIRST_SECONDS, LOOK_SHARE * (now - self._began), self._brake)
        return self._uniform(0.8, 1.2) * usual

    def crowded(self, now: float) -> float:
        """Returns the seconds until a queue that has only events of other runs is read again."""
        return min(self.pause(now), LONGEST_CROWDED_SECONDS)
