"""Holds answers to botocore's service models: the reference that the sandbox does not write itself.

Stricter than botocore's parser, which drops members that it does not know, and independent of the code
that shapes the answers.
"""

from __future__ import annotations

import base64
import functools
import json
import re
from typing import Any

import botocore.session
from botocore.model import ServiceModel, Shape

# Inspector says UNTRIAGED where ECR's enum has no such severity: recorded answers carry it.
_BEYOND_THE_ENUM = {("FindingSeverity", "UNTRIAGED")}
_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (float, int),
    "double": (float, int),
    "timestamp": (float, int),  # AWS JSON 1.1: seconds since the epoch
    "blob": (str,),
}


@functools.cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def assert_conforms(service: str, operation: str, body: bytes | str) -> dict[str, Any]:
    """The answer of an AWS JSON operation, parsed; AssertionError names everything that the model forbids."""
    model = _model(service).operation_model(operation)
    answer: dict[str, Any] = json.loads(body)
    problems: list[str] = []
    if model.output_shape is None:
        assert answer == {}, f"{operation} answers nothing, not {answer}"
    else:
        _check(model.output_shape, answer, operation, problems)
    assert not problems, "\n".join(problems)
    return answer


def assert_error_conforms(service: str, operation: str, body: bytes | str) -> str:
    """The code of an error, which the model must declare for this operation."""
    model = _model(service).operation_model(operation)
    error = json.loads(body)
    assert set(error) == {"__type", "message"}, error
    assert error["__type"] in {shape.name for shape in model.error_shapes}, error
    code: str = error["__type"]
    return code


def _check(shape: Shape, value: Any, where: str, problems: list[str]) -> None:
    is_wrong_bool = isinstance(value, bool) and shape.type_name != "boolean"
    if not isinstance(value, _TYPES[shape.type_name]) or is_wrong_bool:
        problems.append(f"{where}: {value!r} is not of type {shape.type_name}")
        return
    if shape.type_name == "structure":
        problems += [
            f"{where}.{name}: unknown to {shape.name}" for name in value.keys() - shape.members.keys()
        ]
        problems += [f"{where}.{name}: required" for name in set(shape.required_members) - value.keys()]
        for name in value.keys() & shape.members.keys():
            _check(shape.members[name], value[name], f"{where}.{name}", problems)
    elif shape.type_name == "list":
        for index, item in enumerate(value):
            _check(shape.member, item, f"{where}[{index}]", problems)
    elif shape.type_name == "map":
        for key, item in value.items():
            _check(shape.key, key, f"{where} key", problems)
            _check(shape.value, item, f"{where}[{key}]", problems)
    elif shape.type_name == "blob":
        base64.b64decode(value, validate=True)
    elif shape.type_name == "string":
        _check_text(shape, value, where, problems)


def _check_text(shape: Shape, value: str, where: str, problems: list[str]) -> None:
    enum = shape.metadata.get("enum")
    if enum and value not in enum and (shape.name, value) not in _BEYOND_THE_ENUM:
        problems.append(f"{where}: {value!r} is none of {enum}")
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        problems.append(f"{where}: {value!r} does not match {pattern}")
    # An empty string is what AWS itself refuses and never sends; upper bounds hold both ways.
    if not shape.metadata.get("min", 0) <= len(value) <= shape.metadata.get("max", len(value)):
        problems.append(f"{where}: {len(value)} characters")
