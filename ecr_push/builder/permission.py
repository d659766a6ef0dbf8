"""May a build push? It begins before that is known, so that it does not wait for the registry's answers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from ecr_push.base import background
from ecr_push.base.process import Stop


class WithdrawnError(Exception):
    """The run goes on without this build."""


class Permission:
    """What a build waits for before it changes anything outside of the builder's cache.

    stop: ends the build's program, for builders that run one.
    """

    def __init__(self) -> None:
        self.stop = Stop()
        self._answer: Future[object] = Future()
        self._is_granted = False

    def grant(self, prepare: Callable[[], object]) -> None:
        """The build may push once prepare, which runs in the background, has returned. To be called once."""
        self._is_granted = True
        background.fulfil(self._answer, prepare, "prepare push")

    def wait(self) -> None:
        """Returns when the build may push. Raises what prepare raises, WithdrawnError when it never may."""
        self._answer.result()

    def withdraw(self) -> None:
        """Ends the build's program, and waits until it is gone. Only then does a waiting helper of docker's
        learn it: docker would go on without a login."""
        self.stop.now()
        if not self._is_granted:
            self._answer.set_exception(WithdrawnError())
