"""`@dataclass(frozen=True)` as the standard library has it, for a tenth of the processor time.

A run defines some 160 such classes. The standard library writes six methods for each as source text and
compiles them: a sixth of a run's processor time, on Python 3.11. A run calls little more than `__init__`:
here only that is compiled, for the first object. The fields are the standard library's, so that its
`field`, `fields` and `replace` work; for a type checker everything is.

Not for fields that `__init__` does not take, or by name alone, nor for `order` and `slots`.
"""

from __future__ import annotations

import dataclasses
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
            # Where there is none, the standard library writes the signature, which takes longest.
            cls.__doc__ = cls.__doc__ or cls.__name__
            dataclasses.dataclass(init=False, eq=False, repr=False)(cls)
            methods = {
                "__init__": _first_init(cls),
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


def _first_init(cls: Any) -> Any:
    def first_init(self: Any, *values: Any, **more: Any) -> None:
        cls.__init__ = _init(cls)  # two threads that come here at once make the same
        self.__init__(*values, **more)

    return first_init


def _init(cls: Any) -> Any:
    """The method that sets each field, as the standard library writes it."""
    known: dict[str, Any] = {"set_field": object.__setattr__, "MISSING": dataclasses.MISSING}
    parameters, steps = ["self"], []
    for one in dataclasses.fields(cls):
        parameter = value = one.name
        if one.default_factory is not dataclasses.MISSING:
            known[f"make_{one.name}"] = one.default_factory
            parameter += "=MISSING"
            value = f"make_{one.name}() if {one.name} is MISSING else {one.name}"
        elif one.default is not dataclasses.MISSING:
            known[f"default_{one.name}"] = one.default
            parameter += f"=default_{one.name}"
        parameters.append(parameter)
        steps.append(f"set_field(self, {one.name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        steps.append("self.__post_init__()")
    lines = [f"def __init__({', '.join(parameters)}):", *(steps or ["pass"])]
    exec("\n    ".join(lines), known)  # noqa: S102 - made of names in our own code
    known["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
    return known["__init__"]


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
