"""Facts about a request that conditions and variables ask for, by key. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ecr_push.base.dataclass import dataclass


@dataclass(frozen=True)
class Context:
    """The values of keys. Use `of`: the names of keys are compared in small letters.

    values:   of each key that is known; () for one that the request does not have.
    is_whole: a key without values is one that the request does not have; else it is unknown.
    whole:    beginnings of keys that are known, even if others are not: `aws:resourcetag/`.
    """

    values: Mapping[str, tuple[str, ...]]
    is_whole: bool = True
    whole: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        values: Mapping[str, str | Iterable[str]],
        *,
        is_whole: bool = True,
        whole: Iterable[str] = (),
    ) -> Context:
        return cls(
            {key.lower(): (one,) if isinstance(one, str) else tuple(one) for key, one in values.items()},
            is_whole,
            tuple(one.lower() for one in whole),
        )

    def find(self, key: str) -> tuple[str, ...] | None:
        """The values of a key; () for one that the request does not have, None where that is unknown."""
        name = key.lower()
        found = self.values.get(name)
        if found is not None:
            return found
        return () if self.is_whole or name.startswith(self.whole) else None

    def with_defaults(self, others: Mapping[str, str | Iterable[str]]) -> Context:
        """This context, and what else follows: the values that are given count."""
        return Context({**Context.of(others).values, **self.values}, self.is_whole, self.whole)
