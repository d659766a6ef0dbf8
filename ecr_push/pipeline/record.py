"""The outcome as it grows, so that a report can be written wherever a run stops."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from ecr_push.base import background
from ecr_push.base.errors import EcrPushError, Interrupted
from ecr_push.base.reference import Tag
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import Outcome, RunFacts, Superseded
from ecr_push.pipeline.timeline import Span
from ecr_push.release.promoted_tag import PromotedTag

T = TypeVar("T")

_SETTLED_WITHIN = 10.0  # seconds: an engine may hang that the rest did not need


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
        self._began = tools.clock.monotonic()
        self._left = ""  # the phase that an unexpected error has left
        self._started: list[Future[object]] = []

    def note(self, **nouns: Any) -> None:
        """Sets fields of the outcome."""
        with self._lock:
            self.outcome = replace(self.outcome, **nouns)

    def note_run(self, **facts: Any) -> None:
        """Sets facts of the run."""
        with self._lock:
            self.outcome = replace(self.outcome, run=replace(self.outcome.run, **facts))

    def begin_again(self) -> None:
        """Forgets what came of the run so far, but for its facts, times, and what it pushed and created."""
        self._settle()
        with self._lock:
            now = self.outcome
            is_own = now.pushed is not None and not now.pushed.reused
            self.outcome = Outcome(
                run=now.run,
                seconds=now.seconds,
                timeline=now.timeline,
                created_repository=now.created_repository,
                superseded=Superseded(now.pushed, now.candidate) if now.pushed and is_own else None,
            )

    def start(self, call: Callable[[], object], name: str) -> None:
        """Starts a call that notes what nothing but the outcome needs, and raises nothing; see `settled`."""
        self._started.append(background.start(call, name))

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Waits at the end for what `start` has started: else the same run would have one outcome or another.

        An interruption does not wait, and no one waits for longer than ten seconds.
        """
        try:
            yield
        except EcrPushError:
            self._settle()
            raise
        self._settle()

    def _settle(self) -> None:
        wait(self._started, _SETTLED_WITHIN)

    def tag_done(self, tag: PromotedTag) -> None:
        """See `PromotionRecord`."""
        others = tuple(one for one in self.outcome.promoted if one.tag != tag.tag)
        self.note(promoted=(*others, tag))

    def tag_given_back(self, tag: Tag) -> None:
        """See `PromotionRecord`."""
        self.note(promoted=tuple(one for one in self.outcome.promoted if one.tag != tag))

    def candidate_retired(self, removed: bool) -> None:
        """See `PromotionRecord`."""
        if removed:
            self.note(candidate=None)

    def note_failure(self, error: EcrPushError | Interrupted, phase: str = "") -> None:
        """Sets why the run stopped, unless that is known: the first error is the cause of those after it.

        phase: that it was in, by default the one that an error has left, or `run` where it was between two.
        """
        if self.outcome.failure is None:
            self.note(failure=Failure.of(error, phase or self._left or "run"))

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Names the phase for the narrator and for a failure, and adds up its time."""
        self._tools.narrator.phase(name)
        began = self._tools.clock.monotonic()
        try:
            yield
        except (EcrPushError, Interrupted) as error:
            self.note_failure(error, name)
            raise
        except Exception:
            self._left = self._left or name
            raise
        finally:
            spent = self._note_span(name, began, waited=True)
            whole = round(spent + self.outcome.seconds.get(name, 0), 3)
            self.note(seconds={**self.outcome.seconds, name: whole})

    def timed(self, what: str, call: Callable[[], T], /) -> Callable[[], T]:
        """See `Timed`: of what runs beside the phases."""

        def work() -> T:
            began = self._tools.clock.monotonic()
            try:
                return call()
            finally:
                self._note_span(what, began, waited=False)

        return work

    def _note_span(self, what: str, began: float, *, waited: bool) -> float:
        """Keeps a span that ends now. Returns its seconds."""
        spent = self._tools.clock.monotonic() - began
        span = Span(what, round(began - self._began, 3), round(spent, 3), waited)
        with self._lock:
            self.outcome = replace(self.outcome, timeline=(*self.outcome.timeline, span))
        return spent
