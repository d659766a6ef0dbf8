"""`@dataclass(frozen=True)` as the standard library has it, for a tenth of the processor time.

A run defines some 160 such classes. The standard library writes six methods for each as source text and
compiles them, and looks at each annotation with a regular expression: a fifth of a run's processor time, on
Python 3.11. Here nothing is. The fields are the standard library's, so that its `field`, `fields` and
`replace` work; for a type checker everything is.

Not for fields that `__init__` does not take, or by name alone, nor for `order` and `slots`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen, eq=True, repr=True):
        """Decorates a class whose objects never change. See `dataclasses.dataclass`."""
        if not frozen:
            raise TypeError("objects that change are those of dataclasses.dataclass")

        def decorate(cls):
            cls.__dataclass_fields__ = fields = _fields(cls)
            cls.__match_args__ = tuple(fields)
            methods = {
                "__init__": _init(cls),
                "__setattr__": _refuse_to_set,
                "__delattr__": _refuse_to_set,
            }
            if repr:
                methods["__repr__"] = _repr
            if eq:
                methods |= {"__eq__": _eq(cls), "__hash__": _hash(cls)}
            for name, method in methods.items():
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


def _init(cls: Any) -> Any:
    """The method that sets each field. The standard library writes one for each class; to compile it takes as
    long as to make fifty objects with this one."""
    fields = dataclasses.fields(cls)
    names = tuple(one.name for one in fields)
    defaults = {one.name: one.default for one in fields if one.default is not dataclasses.MISSING}
    makers = [
        (one.name, one.default_factory) for one in fields if one.default_factory is not dataclasses.MISSING
    ]
    is_checked = hasattr(cls, "__post_init__")

    def __init__(self: Any, *values: Any, **named: Any) -> None:  # noqa: N807 - it becomes the class's
        found = self.__dict__
        found.update(defaults)
        found.update(zip(names, values, strict=False))
        found.update(named)
        for name, make in makers:
            if name not in found:
                found[name] = make()
        twice = named and not named.keys().isdisjoint(names[: len(values)])
        if twice or len(found) != len(names) or len(values) > len(names):
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


def _eq(cls: Any) -> Any:
    compared = _values_of([one.name for one in dataclasses.fields(cls) if one.compare])

    def equal(self: Any, other: Any) -> Any:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    return equal


def _hash(cls: Any) -> Any:
    fields = dataclasses.fields(cls)
    hashed = _values_of([one.name for one in fields if (one.compare if one.hash is None else one.hash)])
    return lambda self: hash(hashed(self))


def _values_of(names: list[str]) -> Any:
    return attrgetter(*names) if names else lambda self: ()
