"""Whether something holds, where a part of the facts may be unknown. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.base.dataclass import dataclass


@dataclass(frozen=True)
class Truth:
    """value: None where it depends on the keys in `on`, which are unknown."""

    value: bool | None
    on: frozenset[str] = frozenset()

    def __invert__(self) -> Truth:
        return self if self.value is None else Truth(not self.value)


YES = Truth(True)
NO = Truth(False)


def depends(*keys: str) -> Truth:
    return Truth(None, frozenset(keys))


def all_of(truths: Iterable[Truth]) -> Truth:
    return ~any_of(~one for one in truths)


def any_of(truths: Iterable[Truth]) -> Truth:
    unknown: frozenset[str] = frozenset()
    open_ = False
    for one in truths:
        if one.value:
            return YES
        if one.value is None:
            open_, unknown = True, unknown | one.on
    return Truth(None, unknown) if open_ else NO
