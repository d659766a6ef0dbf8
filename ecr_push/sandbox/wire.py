"""An operation's result -> JSON values, in the shape of its service model."""

from __future__ import annotations

import base64
from typing import Any

from botocore.model import Shape

_SCALARS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
}


def to_wire(shape: Shape, value: Any, where: str = "result") -> Any:
    """Converts value for JSON: timestamps are seconds since 1970, blobs become base64, None means absent and
    is left out. Raises TypeError for unknown members, missing required ones and values of a wrong type."""
    if shape.type_name == "structure":
        return _structure(shape, value, where)
    if shape.type_name == "list":
        return [to_wire(shape.member, item, f"{where}[{index}]") for index, item in enumerate(value)]
    if shape.type_name == "map":
        return {key: to_wire(shape.value, item, f"{where}[{key}]") for key, item in value.items()}
    if shape.type_name == "timestamp" and isinstance(value, (int, float)):
        return round(value, 3)  # AWS has milliseconds
    if shape.type_name == "blob" and isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if not isinstance(value, _SCALARS.get(shape.type_name, ())):
        raise TypeError(f"{where} is {value!r}: the service model has {shape.name}, a {shape.type_name}")
    return value


def _structure(shape: Shape, value: Any, where: str) -> dict[str, Any]:
    members = {name: item for name, item in value.items() if item is not None}
    if unknown := members.keys() - shape.members.keys():
        raise TypeError(f"{where} has members that {shape.name} lacks: {', '.join(sorted(unknown))}")
    if missing := set(shape.required_members) - members.keys():
        raise TypeError(f"{where} lacks what {shape.name} requires: {', '.join(sorted(missing))}")
    return {
        name: to_wire(member, members[name], f"{where}.{name}")
        for name, member in shape.members.items()
        if name in members
    }
