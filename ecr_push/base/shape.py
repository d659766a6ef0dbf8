"""Checked reading of parsed JSON that others wrote: answers of services, saved documents. Pure.

A member is named by its path: `text(answer, "imageId", "imageDigest")`. A member that is absent or null on
the way is absent. Whatever has another type than expected raises OddValueError, which names the member.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from ecr_push.base.values import read_time

T = TypeVar("T")

# How much of a value a message quotes.
_QUOTED = 60
_NAMES = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
}


class OddValueError(ValueError):
    """A member that is missing, or is not what it must be.

    path:    the member, such as `repositories[0].repositoryUri`; empty for the whole document.
    problem: what is wrong with it, after the path: `is absent`.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path or 'it'} {problem}")
        self.path = path
        self.problem = problem

    def under(self, parent: str) -> None:
        """Names the member in a larger document."""
        OddValueError.__init__(self, join(parent, self.path), self.problem)


def join(parent: str, path: str) -> str:
    """`a` and `b` -> `a.b`; `a` and `[0]` -> `a[0]`."""
    return parent + path if path.startswith("[") or not (parent and path) else f"{parent}.{path}"


def quoted(value: Any) -> str:
    """A value for a message: shortened, and without control characters."""
    if type(value) in (dict, list):
        return _NAMES[type(value)] if value else f"an empty {'list' if value == [] else 'object'}"
    text = ascii(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def member(value: Any, *path: str) -> Any:
    """Returns the value at path; None if it, or a member on the way, is absent or null."""
    for depth, name in enumerate(path):
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise _odd(path[:depth], "an object", value)
        value = value.get(name)
    return value


def text(value: Any, *path: str) -> str:
    """Returns a text that must be there and not be empty."""
    found = member(value, *path)
    if isinstance(found, str) and found:
        return found
    raise _odd(path, "text", found)


def optional_text(value: Any, *path: str) -> str:
    """Returns a text; "" if it is absent."""
    found = member(value, *path)
    if found is None or isinstance(found, str):
        return found or ""
    raise _odd(path, "text", found)


def scalar(value: Any, *path: str) -> str:
    """Returns a text, a number or a truth value as text; "" if it is absent."""
    found = member(value, *path)
    if isinstance(found, str):
        return found
    if found is None:
        return ""
    if isinstance(found, (int, float)):
        return str(found)
    raise _odd(path, "text", found)


def parsed(parse: Callable[[str], T], value: Any, *path: str) -> T:
    """Returns what parse makes of a text that must be there; its ValueError says what is wrong."""
    found = text(value, *path)
    try:
        return parse(found)
    except ValueError as error:
        raise OddValueError(".".join(path), f"is odd: {' '.join(str(error).split())[:200]}") from error


def time(value: Any, *path: str) -> datetime:
    """Returns a time that must be there; with a time zone."""
    found = optional_time(value, *path)
    if found is None:
        raise _odd(path, "a time", None)
    return found


def optional_time(value: Any, *path: str) -> datetime | None:
    """Returns a time, with a time zone; None if it is absent."""
    found = member(value, *path)
    if found is None:
        return None
    at = None if isinstance(found, bool) else read_time(found)
    if at is None:
        raise _odd(path, "a time", found)
    return at


def count(value: Any, *path: str) -> int:
    """Returns a number of things: whole, and not negative."""
    found = member(value, *path)
    if type(found) is int and found >= 0:
        return found
    raise _odd(path, "a whole number, 0 or more", found)


def mapping(value: Any, *path: str) -> Mapping[str, Any]:
    """Returns an object; an empty one if it is absent."""
    found = member(value, *path)
    if found is None:
        return {}
    if isinstance(found, Mapping):
        return found
    raise _odd(path, "an object", found)


def required_items(value: Any, *path: str) -> Sequence[Any]:
    """Returns a list that must be there."""
    found = member(value, *path)
    if isinstance(found, (list, tuple)):
        return found
    raise _odd(path, "a list", found)


def items(value: Any, *path: str) -> Sequence[Any]:
    """Returns a list; an empty one if it is absent."""
    return () if member(value, *path) is None else required_items(value, *path)


def each(read: Callable[[Mapping[str, Any]], T], value: Any, *path: str, required: bool = False) -> list[T]:
    """Returns what read makes of each object in a list."""
    found = (required_items if required else items)(value, *path)
    made = []
    for place, one in enumerate(found):
        try:
            if not isinstance(one, Mapping):
                raise _odd((), "an object", one)
            made.append(read(one))
        except OddValueError as odd:
            odd.under(f"{'.'.join(path)}[{place}]")
            raise
    return made


def each_text(parse: Callable[[str], T], value: Any, *path: str) -> list[T]:
    """Returns what parse makes of each text in a list; its ValueError says what is wrong."""
    return [
        parsed(parse, {name: one}, name)
        for place, one in enumerate(items(value, *path))
        for name in (f"{'.'.join(path)}[{place}]",)
    ]


def inside(read: Callable[[Mapping[str, Any]], T], value: Any, *path: str) -> T:
    """Returns what read makes of an object that must be there."""
    found = member(value, *path)
    if not isinstance(found, Mapping):
        raise _odd(path, "an object", found)
    try:
        return read(found)
    except OddValueError as odd:
        odd.under(".".join(path))
        raise


def _odd(path: Sequence[str], expected: str, found: Any) -> OddValueError:
    problem = "is absent" if found is None else f"is {quoted(found)}"
    return OddValueError(".".join(path), f"{problem}, expected {expected}")
