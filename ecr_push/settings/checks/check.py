"""What a check is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from types import FunctionType
from typing import Any, cast

from ecr_push.base.dataclass import dataclass

Contradiction = tuple[str, str]  # the option's name, and what is wrong with it
Check = Callable[..., Iterable[Contradiction]]


@dataclass(frozen=True)
class NoEffect:
    """The check that one option has no effect beside another. why: beside what, in words."""

    name: str
    beside: str
    why: str

    def __call__(self, given: Any, blocker: Any) -> Iterable[Contradiction]:
        if blocker and given:
            yield self.name, f"has no effect with {self.why}"


@cache
def options_of(check: Check) -> tuple[str, ...]:
    """The names of the options that a check reads, in the order of its parameters."""
    if isinstance(check, NoEffect):
        return check.name, check.beside
    code = cast(FunctionType, check).__code__  # to ask for a signature takes twenty times as long
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
