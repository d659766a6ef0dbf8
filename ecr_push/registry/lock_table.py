"""A table of locks outside of the registry: what is kept of a lock, and the interface that keeps it.

A registry has no lock, and for a tag that may move no compare-and-set. `aws/dynamodb.py` implements this.
"""

from __future__ import annotations

from typing import Protocol

from ecr_push.base.dataclass import dataclass


@dataclass(frozen=True)
class LockItem:
    """Who holds a lock.

    owner:   of one call alone.
    who:     for people: the URL of the CI's run, or what else names it.
    image:   the digest of the image that is released, or rolled back to.
    since:   in seconds since 1970, by the table's time.
    expires: likewise; from then on anyone may take it over. None: it never does, as of a lock set by hand.
    """

    owner: str
    who: str = ""
    image: str = ""
    since: int = 0
    expires: int | None = None


@dataclass(frozen=True)
class Found:
    """The answer to a look: the item, and the table's own time in seconds since 1970; 0 where unknown."""

    item: LockItem | None
    at: float = 0


class LockTable(Protocol):
    """Locks by name. Every method raises RegistryError where the table cannot be asked."""

    def check(self, name: str, *, owner: str) -> Found:
        """A look that also finds out whether we may write; writes nothing. Raises as soon as we may not."""
        ...

    def find(self, name: str) -> Found: ...

    def put(self, name: str, item: LockItem, *, instead_of: LockItem | None = None) -> bool:
        """Writes the item where there is none, where it has the same owner, or where it is instead_of.

        False: someone else's item is there.
        """
        ...

    def renew(self, name: str, item: LockItem) -> bool:
        """Writes the item over one of the same owner. False: there is none."""
        ...

    def remove(self, name: str, owner: str) -> None:
        """Removes the item of that owner, where it is there."""
        ...
