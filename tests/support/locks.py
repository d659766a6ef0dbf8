"""A table of locks in memory, and time that tests set."""

from __future__ import annotations

from collections.abc import Callable

from ecr_push.registry.lock_table import Found, LockItem
from tests.support.fakes import FakeClock


class FakeTable:
    """See `LockTable`. log lists what was asked.

    ahead:  seconds that the table's clock is ahead of the callers'.
    before: called with the name of each request before it is answered.
    """

    def __init__(self, clock: FakeClock, ahead: float = 0) -> None:
        self.items: dict[str, LockItem] = {}
        self.log: list[str] = []
        self.before: Callable[[str], None] = lambda request: None
        self._clock = clock
        self._ahead = ahead

    def now(self) -> int:
        return int(self._clock.now().timestamp() + self._ahead)

    def check(self, name: str, *, owner: str) -> Found:
        self._note("check")
        return Found(self.items.get(name), self.now())

    def find(self, name: str) -> Found:
        self._note("find")
        return Found(self.items.get(name), self.now())

    def put(self, name: str, item: LockItem, *, instead_of: LockItem | None = None) -> bool:
        self._note("put")
        there = self.items.get(name)
        if there and there.owner != item.owner and there != instead_of:
            return False
        self.items[name] = item
        return True

    def renew(self, name: str, item: LockItem) -> bool:
        self._note("renew")
        there = self.items.get(name)
        if there is None or there.owner != item.owner:
            return False
        self.items[name] = item
        return True

    def remove(self, name: str, owner: str) -> None:
        self._note("remove")
        there = self.items.get(name)
        if there and there.owner == owner:
            del self.items[name]

    def _note(self, request: str) -> None:
        self.log.append(request)
        self.before(request)
