"""The JSON Schema of ecr-push.yml, for editors, from the options' types. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from ecr_push.base.option import OptionHelp
from ecr_push.base.paths import CONFIG_FILE_NAME
from ecr_push.settings import declare as declared

_SCALAR = ["string", "number"]


def json_schema() -> dict[str, Any]:
    """The schema of the whole file."""
    from ecr_push.policy.keys import policy_schema

    properties = {}
    for setting in declared.options():
        about = declared.option_help(setting)
        if not about.by_caller:
            properties[declared.key(setting)] = {"description": about.help} | _value(setting, about)
    about_policy = properties["policy"]["description"]
    properties["policy"] = {
        "description": about_policy,
        "anyOf": [{"type": "string"}, {"$ref": "#/$defs/policy"}],
    }
    properties["images"] = _images(properties)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": CONFIG_FILE_NAME,
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "$defs": {"policy": policy_schema()},
    }


def _images(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of `images`: below the name of each any setting of the file, and what an image alone has."""
    from ecr_push.settings.images.entry import NAME

    own = {
        "context": {
            "description": "Folder that is sent to the build, relative to this file.",
            "type": "string",
        },
        "needs": {
            "description": "Images that this one is built from: each is a build context with its name, or is "
            "given in a build argument.",
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": {"type": "string"}},
            ],
        },
    }
    settings = {name: {"$ref": f"#/properties/{name}"} for name in properties}
    return {
        "description": "Several images of this repository, by name. What is set outside holds for each.",
        "type": "object",
        "propertyNames": {"pattern": f"^{NAME.pattern}$"},
        "additionalProperties": {
            "type": "object",
            "additionalProperties": False,
            "properties": own | settings,
        },
    }


def _value(setting: Field[Any], about: OptionHelp) -> dict[str, Any]:
    of = declared.option_types()[setting.name]
    if not about.separator and not about.mapping:
        return dict(sorted((_schema_of(of) | {"default": setting.default}).items()))
    # Several values may also be one text, a list, or `name: value` lines.
    forms: list[dict[str, Any]] = [{"type": _SCALAR}]
    if about.separator:
        items = _schema_of(get_args(of)[0]) if get_origin(of) is tuple else {"type": "string"}
        forms.append({"type": "array", "items": items})
    if about.mapping:
        forms.append({"type": "object", "additionalProperties": {"type": [*_SCALAR, "boolean"]}})
    return {"anyOf": forms}


def _schema_of(of: Any) -> dict[str, Any]:
    """The schema of one value."""
    origin, parts = get_origin(of), get_args(of)
    if origin is Annotated:
        return ({"pattern": parts[1].pattern} if parts[1].pattern else {}) | {"type": _SCALAR}
    if origin is Literal:
        return {"enum": list(parts), "type": "string"}
    if NoneType in parts:
        return {"anyOf": [_schema_of(parts[0]), {"type": "null"}]}
    return {"type": {str: "string", bool: "boolean"}[of]}
