"""Repositories and their settings: created, found, changed, deleted."""

from __future__ import annotations

import dataclasses
from typing import Any

from ecr_push.base.reference import check_repository_name
from ecr_push.sandbox.model import EcrError, Kind, StoredRepository
from ecr_push.sandbox.shelves import Shelves


class Repositories:
    """The repositories of both registries. alias is the public registry's."""

    def __init__(self, shelves: Shelves, alias: str) -> None:
        self._shelves = shelves
        self._alias = alias

    def create(self, kind: Kind, name: str, **fields: Any) -> StoredRepository:
        """Creates a repository. fields are those of StoredRepository that differ from their defaults."""
        try:
            check_repository_name(name)
        except ValueError as error:
            raise EcrError(
                "InvalidParameterException", f"Invalid parameter at 'repositoryName': {error}"
            ) from None
        alias = self._alias if kind == "public" else ""
        with self._shelves.lock:
            if self._shelves.find(kind, name):
                raise EcrError(
                    "RepositoryAlreadyExistsException",
                    f"The repository with name '{name}' already exists in the registry with id "
                    f"'{self._shelves.account}'",
                )
            repository = StoredRepository(
                kind,
                name,
                self._shelves.account,
                self._shelves.region,
                self._shelves.clock(),
                alias,
                **fields,
            )
            self._shelves.add(repository)
            return repository

    def get(self, kind: Kind, name: str) -> StoredRepository:
        """Raises EcrError RepositoryNotFoundException."""
        with self._shelves.lock:
            return self._shelves.get(kind, name).repository

    def all(self, kind: Kind) -> tuple[StoredRepository, ...]:
        """Sorted by name."""
        with self._shelves.lock:
            found = [it.repository for it in self._shelves.all() if it.repository.kind == kind]
        return tuple(sorted(found, key=lambda repository: repository.name))

    def change(self, kind: Kind, name: str, **changes: Any) -> StoredRepository:
        """Replace fields of StoredRepository."""
        with self._shelves.lock:
            shelf = self._shelves.get(kind, name)
            shelf.repository = dataclasses.replace(shelf.repository, **changes)
            self._shelves.save(shelf)
            return shelf.repository

    def delete(self, kind: Kind, name: str, *, force: bool = False) -> StoredRepository:
        """Returns the deleted repository. Raises EcrError RepositoryNotEmptyException without force."""
        with self._shelves.lock:
            shelf = self._shelves.get(kind, name)
            if shelf.images and not force:
                raise EcrError(
                    "RepositoryNotEmptyException",
                    f"The repository with name '{name}' in registry with id '{self._shelves.account}' "
                    "cannot be deleted because it still contains images",
                )
            self._shelves.remove(shelf.repository)
            return shelf.repository

    def name_of_path(self, kind: Kind, path: str) -> str:
        """Returns the repository's name for a path of the data plane. Raises RepositoryNotFoundException."""
        if kind == "private":
            return path
        alias, _, name = path.partition("/")
        if alias != self._alias or not name:
            raise self._shelves.no_repository(path)
        return name
