"""The constraints of a service model that ECR enforces and botocore's own validator does not check.

botocore checks names, types and required members. It leaves patterns, enums and the lengths of strings and
lists to the service, so the sandbox checks them: otherwise a request passes here that ECR refuses.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from botocore.model import Shape

_TYPES: dict[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "blob": (bytes, str),
    "integer": int,
    "long": int,
    "float": (float, int),
    "double": (float, int),
}

Violation = tuple[str, Any, str]
"""The value's place (`imageIds.1.member.imageTag`), the value, and the constraint that it breaks."""


def violations(shape: Shape, value: Any, where: str = "") -> Iterator[Violation]:
    """Every constraint of the model that a value breaks; botocore reports values of a wrong type."""
    if not _is_of_type(shape, value):
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if name in value:
                yield from violations(member, value[name], f"{where}.{name}" if where else name)
    elif shape.type_name == "list":
        yield from _size(shape, len(value), value, where)
        for index, item in enumerate(value, 1):
            yield from violations(shape.member, item, f"{where}.{index}.member")
    elif shape.type_name == "map":
        yield from _size(shape, len(value), value, where)
        for key, item in value.items():
            yield from violations(shape.key, key, f"{where}.key")
            yield from violations(shape.value, item, f"{where}.{key}.member")
    elif shape.type_name in ("string", "blob"):
        yield from _size(shape, len(value), value, where)
        if shape.type_name == "string":
            yield from _text(shape, value, where)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _range(shape, value, where)


def _is_of_type(shape: Shape, value: Any) -> bool:
    return isinstance(value, _TYPES.get(shape.type_name, object))


def _size(shape: Shape, size: int, value: Any, where: str) -> Iterator[Violation]:
    if size < shape.metadata.get("min", 0):
        yield where, value, f"Member must have length greater than or equal to {shape.metadata['min']}"
    elif size > shape.metadata.get("max", size):
        yield where, value, f"Member must have length less than or equal to {shape.metadata['max']}"


def _range(shape: Shape, value: float, where: str) -> Iterator[Violation]:
    if value < shape.metadata.get("min", value):
        yield where, value, f"Member must have value greater than or equal to {shape.metadata['min']}"
    elif value > shape.metadata.get("max", value):
        yield where, value, f"Member must have value less than or equal to {shape.metadata['max']}"


def _text(shape: Shape, value: str, where: str) -> Iterator[Violation]:
    enum = shape.metadata.get("enum")
    if enum and value not in enum:
        yield where, value, f"Member must satisfy enum value set: [{', '.join(enum)}]"
    pattern = shape.metadata.get("pattern")
    if len(value) > shape.metadata.get("max", len(value)):
        return  # said already; some patterns take their time
    if pattern and (compiled := _compiled(pattern)) and not compiled.fullmatch(value):
        yield where, value, f"must satisfy regular expression '{pattern}'"


# Patterns that take Python's engine a time that doubles with each character -> the same language without.
_LINEAR = {
    # Shape ScanningRepositoryFilterValue of ECR.
    r"^[a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]+)*$": r"[a-z0-9*]+(?:[._\-/][a-z0-9*]+)*",
}


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern, or None for a dialect that Python does not support (`\\p{L}`, in STS)."""
    try:
        return re.compile(_LINEAR.get(pattern, pattern))
    except re.error:
        return None
