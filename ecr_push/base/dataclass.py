"""`@dataclass` as the standard library has it, for a tenth of the processor time.

A run defines some 200 such classes. The standard library writes six methods for each as source text and
compiles them, and looks at each annotation with a regular expression: a fifth of a run's processor time, on
Python 3.11. Here nothing is. The fields are the standard library's, so that its `field`, `fields` and
`replace` work; for a type checker everything is.

Not for fields that `__init__` does not take, or by name alone, nor for `order` and `slots`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cache
from operator import attrgetter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen=False, eq=True, repr=True):
        """Decorates a class. See `dataclasses.dataclass`."""
        methods = {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_set} if frozen else {}
        if repr:
            methods["__repr__"] = _repr
        if eq:
            methods |= {"__eq__": _equal, "__hash__": _hash if frozen else None}

        def decorate(cls):
            cls.__dataclass_fields__ = fields = _fields(cls)
            cls.__match_args__ = tuple(fields)
            cls.__dataclass_params__ = SimpleNamespace(
                init=True, repr=repr, eq=eq, order=False, unsafe_hash=False, frozen=frozen
            )  # which pprint reads
            for name, method in {"__init__": _init(cls, fields), **methods}.items():
                if name not in cls.__dict__:
                    setattr(cls, name, method)
            return cls

        return decorate


# What `dataclasses.fields` knows a field by; the standard library has no other name for it.
_A_FIELD = vars(dataclasses)["_FIELD"]


def _fields(cls: Any) -> dict[str, Any]:
    """{name: field}, those of base classes first, as the standard library keeps them."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__[1:]):
        found |= base.__dict__.get("__dataclass_fields__", {})
    for name, annotation in cls.__annotations__.items():
        if annotation.startswith("ClassVar"):
            continue
        given: Any = cls.__dict__.get(name, dataclasses.MISSING)
        one: Any = given if isinstance(given, dataclasses.Field) else dataclasses.field(default=given)
        if one is given:
            if one.default is dataclasses.MISSING:
                delattr(cls, name)
            else:
                setattr(cls, name, one.default)
        one.name, one.type, one._field_type = name, annotation, _A_FIELD
        found[name] = one
    return found


def _init(cls: Any, fields: Mapping[str, Any]) -> Any:
    """The method that sets each field. The standard library writes one for each class; to compile it takes as
    long as to make fifty objects with this one."""
    missing = dataclasses.MISSING
    names = tuple(fields)
    defaults = {name: one.default for name, one in fields.items() if one.default is not missing}
    makers = [
        (name, one.default_factory) for name, one in fields.items() if one.default_factory is not missing
    ]
    count, is_checked = len(names), hasattr(cls, "__post_init__")

    def __init__(self: Any, *values: Any, **named: Any) -> None:  # noqa: N807 - it becomes the class's
        found, given = self.__dict__, len(values)
        if given < count:
            found.update(defaults)
        found.update(zip(names, values))  # noqa: B905 - to say `strict` takes as long as all of it
        if named:
            found.update(named)
        for name, make in makers:
            if name not in found:
                found[name] = make()
        twice = named and not named.keys().isdisjoint(names[:given])
        if twice or len(found) != count or given > count:
            raise TypeError(_refusal(self, names, values, named))
        if is_checked:
            self.__post_init__()

    return __init__


def _refusal(made: Any, names: Sequence[str], values: Sequence[Any], named: Mapping[str, Any]) -> str:
    given = ", ".join((*("…" for _ in values), *(f"{name}=…" for name in named)))
    return f"{type(made).__qualname__}.__init__() takes {', '.join(names)}, and was given ({given})"


def _refuse_to_set(self: Any, name: str, value: Any = None) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _repr(self: Any) -> str:
    shown = (f"{one.name}={getattr(self, one.name)!r}" for one in dataclasses.fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _equal(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    compared = _compared(self.__class__)
    return compared(self) == compared(other)


def _hash(self: Any) -> int:
    return hash(_hashed(self.__class__)(self))


@cache
def _compared(cls: type[Any]) -> Any:
    return _values_of([one.name for one in dataclasses.fields(cls) if one.compare])


@cache
def _hashed(cls: type[Any]) -> Any:
    fields = dataclasses.fields(cls)
    return _values_of([one.name for one in fields if (one.compare if one.hash is None else one.hash)])


def _values_of(names: list[str]) -> Any:
    return attrgetter(*names) if names else lambda self: ()
