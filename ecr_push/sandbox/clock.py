"""The sandbox's clock: this machine's, and what a test has advanced it by, so that no test has to wait."""

from __future__ import annotations

import time


class SandboxClock:
    """Seconds since the epoch, for all that has a time in the sandbox: pushes, scans, tokens, links."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds
