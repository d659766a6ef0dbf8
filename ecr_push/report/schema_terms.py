"""The terms in which the JSON Schema of a result document is written. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.severity import Severity

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SECONDS: Schema = {"type": "number", "minimum": 0}
YES_OR_NO: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
DIGEST: Schema = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
SEVERITY: Schema = {"enum": [one.name for one in reversed(Severity)]}


def object_of(keys: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "required": list(keys), "properties": dict(keys)}


def list_of(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def or_null(of: Schema) -> Schema:
    if "enum" in of:
        return {"enum": [*of["enum"], None]}
    return {**of, "type": [of["type"], "null"]}


def described(of: Schema, what: str) -> Schema:
    return {**of, "description": what}
