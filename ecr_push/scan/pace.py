"""When to ask next. One pace for all images of a run: what it allows is shared out among them.

While nothing is refused, no more than a second is lost once a scan is done, or 5 % of its time. For a
worst case of 5 % no schedule needs fewer calls than one whose pauses grow by 5 %.
"""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_PAUSE_SECONDS = 0.25
SHORT_PAUSE_SECONDS = 1.0
EARLY_SHARE = 0.5
LATE_SHARE = 0.05
# Pipelines that began together must not go on asking together. Only ever earlier: later would be too late.
JITTER = 0.08

# What a refusal for too many calls costs. ECR publishes no quota for these calls, so it is felt for:
# the pauses double with each refusal and shrink with each answer. The numbers are those with which a fleet
# far beyond its quota (benchmarks/fleet.py) lost least.
FIRST_BRAKE_SECONDS = 2.0
LAST_BRAKE_SECONDS = 20.0
RELEASE = 0.85

# Events are sent on a best-effort basis: whoever listens looks from time to time all the same.
LOOK_FIRST_SECONDS = 30.0
LOOK_SHARE = 0.25
# How long to leave a queue alone in which there are only events of others.
LONGEST_CROWDED_SECONDS = 5.0


class Pace:
    """now is what the clock's `monotonic` says. uniform(a, b) is the chance in it."""

    def __init__(self, now: float, uniform: Callable[[float, float], float] = random.uniform) -> None:
        self._began = now
        self._brake = 0.0
        self._uniform = uniform

    def restart(self, now: float) -> None:
        """A scan has just begun, or has news: ask often again."""
        self._began = now

    def answered(self) -> None:
        self._brake = self._brake * RELEASE if self._brake > FIRST_BRAKE_SECONDS else 0.0

    def refused(self) -> None:
        """A call was refused because there are too many, or got no answer."""
        self._brake = min(max(FIRST_BRAKE_SECONDS, 2 * self._brake), LAST_BRAKE_SECONDS)

    def pause(self, now: float, images: int = 1) -> float:
        """Seconds until the next turn, in which so many images are asked for."""
        elapsed = max(now - self._began, 0.0)
        early = min(max(FIRST_PAUSE_SECONDS, EARLY_SHARE * elapsed), SHORT_PAUSE_SECONDS)
        usual = max(early, LATE_SHARE * elapsed) * images
        if self._brake > usual:
            return self._uniform(0.5, 1.5) * self._brake
        return self._uniform(1 - JITTER, 1.0) * usual

    def look(self, now: float) -> float:
        """Seconds until whoever listens looks for itself."""
        usual = max(LOOK_FIRST_SECONDS, LOOK_SHARE * (now - self._began), self._brake)
        return self._uniform(0.8, 1.2) * usual

    def crowded(self, now: float) -> float:
        """Seconds until a queue is asked again that has only events of others just now."""
        return min(self.pause(now), LONGEST_CROWDED_SECONDS)
