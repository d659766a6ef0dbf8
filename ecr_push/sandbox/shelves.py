"""The repositories, their look-up and saving, and the one lock. Shared by the parts of the state."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from ecr_push.sandbox.model import EcrError, Kind, StoredRepository
from ecr_push.sandbox.records import Records, Shelf
from ecr_push.sandbox.store import BlobStore


class Shelves:
    """One Shelf for each repository. Everything but the constructor is called with `lock` held."""

    def __init__(
        self, records: Records, store: BlobStore, *, account: str, region: str, clock: Callable[[], float]
    ) -> None:
        self.lock = threading.RLock()
        self.account = account
        self.region = region
        self.clock = clock
        self._records = records
        self._by_name = {(it.repository.kind, it.repository.name): it for it in records.load(store)}

    def get(self, kind: Kind, name: str) -> Shelf:
        """Raises EcrError RepositoryNotFoundException."""
        try:
            return self._by_name[kind, name]
        except KeyError:
            raise self.no_repository(name) from None

    def find(self, kind: Kind, name: str) -> Shelf | None:
        return self._by_name.get((kind, name))

    def all(self) -> Iterator[Shelf]:
        return iter(self._by_name.values())

    def add(self, repository: StoredRepository) -> None:
        shelf = self._by_name[repository.kind, repository.name] = Shelf(repository)
        self.save(shelf)

    def remove(self, repository: StoredRepository) -> None:
        del self._by_name[repository.kind, repository.name]
        self._records.remove(repository)

    def save(self, shelf: Shelf) -> None:
        self._records.save(shelf)

    def place(self, name: str) -> str:
        """A repository as ECR's messages name it."""
        return f"repository with name '{name}' in the registry with id '{self.account}'"

    def no_repository(self, name: str) -> EcrError:
        return EcrError(
            "RepositoryNotFoundException",
            f"The repository with name '{name}' does not exist in the registry with id '{self.account}'",
        )
