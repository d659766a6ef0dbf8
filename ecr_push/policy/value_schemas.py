"""The JSON Schemas of a policy's values; `keys` puts them together."""

from __future__ import annotations

from typing import Any, get_args

from ecr_push.base.severity import NAMED_BY_USERS
from ecr_push.policy.model import Strictness

Json = dict[str, Any]
NONE = "none"

SEVERITIES = [one.name.lower() for one in NAMED_BY_USERS]
SEVERITY_OR_NONE: Json = {"enum": [*SEVERITIES, NONE]}
LIMITS: Json = {
    "type": "object",
    "additionalProperties": False,
    "properties": {one: {"type": "integer", "minimum": 0} for one in SEVERITIES},
}
TEXT: Json = {"type": "string", "minLength": 1}
SWITCH: Json = {"type": "boolean"}


def list_of(item: Json) -> Json:
    return {"anyOf": [{"type": "array", "items": item}, item]}


def include_exclude(item: Json) -> Json:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {"include": list_of(item), "exclude": list_of(item)},
    }


def number_or_none(highest: int) -> Json:
    return {"anyOf": [{"type": "number", "minimum": 0, "maximum": highest}, {"const": NONE}]}


PATTERN: Json = {
    "vulnerability": TEXT | {"description": "CVE or other identifier."},
    "package": TEXT | {"description": "Name of the package."},
    "versions": {"type": ["string", "number"], "description": "Range of versions, such as '>=1.1, <1.4'."},
}
ALWAYS_REFUSED: Json = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["vulnerability"]}, {"required": ["package"]}],
    "properties": {**PATTERN, "reason": TEXT},
}
EXCEPTION: Json = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": [one]} for one in ("vulnerability", "package", "path")],
    "properties": {
        **PATTERN,
        "path": TEXT | {"description": "Glob of the file that the package was found in."},
        "platform": TEXT | {"description": "Glob of platforms, such as linux/arm64."},
        "reason": TEXT | {"description": "Why it is accepted."},
        "owner": TEXT | {"description": "Who is responsible for it."},
        "until": {
            "type": "string",
            "pattern": r"^\d{4}-\d{2}-\d{2}$",
            "description": "Last day on which it applies, in UTC.",
        },
        "until-fixed": SWITCH | {"description": "It applies while no fix is known."},
    },
}
STRICTNESS = list(get_args(Strictness))
