"""A repository beside the run's own: opened, found, and created where it is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ecr_push.base import background
from ecr_push.base.errors import EcrPushError
from ecr_push.base.prefixed_log import PrefixedNarrator
from ecr_push.base.reference import Repository
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.preflight import missing_repository
from ecr_push.registry.destination import Destination
from ecr_push.registry.interface import RepositoryClient, RepositoryState, WantedRepository
from ecr_push.registry.target import RepositoryTarget


class OtherRepository:
    """What stops it, in `error`, stops no other one. A subclass keeps what becomes of it, by `note`."""

    def __init__(self, wanted: Destination, target: RepositoryTarget, tools: Tools) -> None:
        """Starts to ask, and raises nothing."""
        self.client: RepositoryClient = tools.open_repository(target)
        self.is_public = target.public
        self.error: EcrPushError | None = None
        self._kms_key = wanted.kms_key
        self._target = target
        self._tools = tools
        self._described = background.start(self.client.describe, "describe destination")
        self._login = background.start(lambda: tools.login(self.client), "login to destination")

    @property
    def shown_name(self) -> str:
        """As it is called in the log."""
        raise NotImplementedError

    def note(self, **changes: Any) -> None:
        """Changes what became of it."""
        raise NotImplementedError

    @property
    def narrator(self) -> PrefixedNarrator:
        return PrefixedNarrator(self._tools.narrator, self.shown_name)

    def attempt(self, phase: str, do: Callable[[], object]) -> bool:
        """Whether do came to its end. If not, it has failed, and nothing more is done here."""
        if self.error:
            return False
        try:
            do()
        except EcrPushError as error:
            self.fail(error, phase)
            return False
        return True

    def fail(self, error: EcrPushError, phase: str) -> None:
        self.error = error
        self.note(result="failed", failure=Failure.of(error, phase))

    def _found(self, wanted: WantedRepository | None) -> tuple[Repository, RepositoryState | None]:
        """Its name, and its state; None for one that is to be created as wanted. Raises RegistryError."""
        state = self._described.result()
        if state is None and wanted is None:
            raise missing_repository(self._target.name, self._login.result(), "--to")
        return state.repository if state else self.client.locate(), state

    def _create(self, wanted: WantedRepository, own: RepositoryTarget | None) -> RepositoryState:
        """own: where the key of wanted is, which is of one account and region. Raises RegistryError."""
        is_beside = own is not None and replace(self._target, name=own.name) == own
        key = self._kms_key or (wanted.kms_key if is_beside else "")
        state = self.client.create(replace(wanted, kms_key=key))
        self.note(created=True)
        self.narrator.say(f"created, {state.mutability}, encrypted with {state.encryption or 'AES256'}")
        return state
