"""The outcome as it grows, so that a report can be written wherever a run stops."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ecr_push.base.errors import EcrPushError, Interrupted
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.outcome import Failure, Outcome, RunFacts
from ecr_push.release.promote import PromotedTag


class Record:
    """Keeps the outcome as it grows. Several threads may write to it.

    once_planned is called when the checkout has been read, and before anything is built.
    """

    def __init__(
        self, tools: Tools, *, sandbox: bool, once_planned: Callable[[], None] = lambda: None
    ) -> None:
        self.outcome = Outcome(run=RunFacts(sandbox=sandbox))
        self.once_planned = once_planned
        self._tools = tools
        self._lock = threading.Lock()

    def note(self, **nouns: Any) -> None:
        """Sets fields of the outcome."""
        with self._lock:
            self.outcome = replace(self.outcome, **nouns)

    def note_run(self, **facts: Any) -> None:
        """Sets facts of the run."""
        with self._lock:
            self.outcome = replace(self.outcome, run=replace(self.outcome.run, **facts))

    def tag_done(self, tag: PromotedTag) -> None:
        """See `PromotionRecord`."""
        others = tuple(one for one in self.outcome.promoted if one.tag != tag.tag)
        self.note(promoted=(*others, tag))

    def candidate_retired(self, removed: bool) -> None:
        """See `PromotionRecord`."""
        if removed:
            self.note(candidate=None)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Names the phase for the narrator and for a failure, and adds up its time."""
        self._tools.narrator.phase(name)
        began = self._tools.clock.monotonic()
        try:
            yield
        except (EcrPushError, Interrupted) as error:
            if self.outcome.failure is None:
                self.note(failure=Failure.of(error, name))
            raise
        finally:
            spent = self._tools.clock.monotonic() - began + self.outcome.seconds.get(name, 0)
            self.note(seconds={**self.outcome.seconds, name: round(spent, 3)})
