"""JSON Schemas, made narrower for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def strict(schema: Any) -> Any:
    """The schema, grown narrow: a key that it does not know is an error, so that all the code's are in it."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    inner = {name: strict(one) for name, one in schema.items()}
    return inner | {"additionalProperties": False} if "properties" in schema else inner
