"""Checks an answer of AWS before the SDK parses it.

The SDK trusts its service models: it takes an object for an empty list, a text for a list of its letters, and
drops the members that it does not know. Here each list, object and scalar must be what the model says; and a
list or an object that the model does not know is handed on, under its path, so that readers can refuse it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ecr_push.base.shape import OddValueError, join, quoted
from ecr_push.registry.aws.odd import OddAnswerError

_JSON = frozenset({"json", "rest-json"})
# CloudWatch's, which answers nothing that we read.
_BINARY = frozenset({"smithy-rpc-v2-cbor"})
_CONTAINERS: dict[str, tuple[Any, str]] = {
    "structure": (dict, "an object"),
    "map": (dict, "an object"),
    "list": (list, "a list"),
}


def check_answer(
    operation_model: Any, response_dict: Any, customized_response_dict: Any, **rest: Any
) -> None:
    """A handler of the SDK's event `before-parse`. Raises OddAnswerError."""
    model = operation_model.service_model
    if operation_model.has_streaming_output or model.metadata.get("protocol") in _BINARY:
        return
    action = f"{model.signing_name}:{operation_model.name}"
    body = response_dict["body"]
    if response_dict["status_code"] >= 300:
        # The SDK decides by status and code; a proxy's page in another encoding must not stop it.
        response_dict["body"] = body.decode("utf-8", "replace").encode()
        return
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise OddAnswerError(action, f"it is not UTF-8: {error.reason} at byte {error.start}") from error
    if model.metadata.get("protocol") not in _JSON or operation_model.output_shape is None:
        return
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise OddAnswerError(action, "it is nested too deeply") from error
    except ValueError:
        return  # cut off: the SDK makes it an answer without members, and `call` asks again
    try:
        if not isinstance(value, dict):
            raise OddValueError("", f"is {quoted(value)}, expected an object")
        _check(operation_model.output_shape, value, "")
    except OddValueError as odd:
        raise OddAnswerError(action, str(odd)) from odd
    customized_response_dict.update(_unknown(operation_model.output_shape, value, ""))


def _check(shape: Any, value: Any, path: str) -> None:
    if value is None:
        return
    kind = shape.type_name
    if kind not in _CONTAINERS:
        if isinstance(value, (dict, list)):
            raise OddValueError(path, f"is {quoted(value)}, expected a {kind}")
        return
    expected, words = _CONTAINERS[kind]
    if not isinstance(value, expected):
        raise OddValueError(path, f"is {quoted(value)}, expected {words}")
    if kind == "structure":
        for name, member in shape.members.items():
            wire = member.serialization.get("name", name)
            if wire in value:
                _check(member, value[wire], join(path, name))
    elif kind == "list":
        for place, one in enumerate(value):
            _check(shape.member, one, f"{path}[{place}]")
    else:
        for key, one in value.items():
            _check(shape.value, one, join(path, str(key)[:60]))


def _unknown(shape: Any, value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yields lists and objects that the model does not know, by their path; none of those within lists."""
    if shape.type_name != "structure" or not isinstance(value, dict):
        return
    known = {one.serialization.get("name", name): one for name, one in shape.members.items()}
    for name, one in value.items():
        if name in known:
            yield from _unknown(known[name], one, join(path, name))
        elif isinstance(one, (dict, list)) and one:
            yield join(path, name), one
