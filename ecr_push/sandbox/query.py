"""The AWS query protocol of STS: form -> XML.

https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from botocore.model import OperationModel, Shape

_MAX_FIELDS = 1_000


def parse_form(body: bytes) -> dict[str, str]:
    """The fields of `Action=GetCallerIdentity&Version=…`; empty if the body is not a form, or one of too many
    fields."""
    try:
        return dict(
            parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
        )
    except ValueError:
        return {}


def parameters(shape: Shape, form: Mapping[str, str], prefix: str = "") -> dict[str, Any]:
    """Builds a structure from flat names: `Tags.member.1.Key=a` is `{"Tags": [{"Key": "a"}]}`."""
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        key = f"{prefix}{name}"
        if any(field == key or field.startswith(f"{key}.") for field in form):
            found[name] = _value(member, form, key)
    return found


def answer(model: OperationModel, wire: Mapping[str, Any], request_id: str) -> bytes:
    """`<OperationResponse><OperationResult>…`; wire is a result of `wire.to_wire`."""
    result = _xml(model.output_shape, wire) if model.output_shape else ""
    wrapper = model.output_shape.serialization.get("resultWrapper") if model.output_shape else None
    if wrapper:
        result = f"<{wrapper}>{result}</{wrapper}>"
    return _document(
        f"{model.name}Response",
        f"{result}<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>",
        model.service_model.metadata["xmlNamespace"],
    )


def error(code: str, message: str, status: int, request_id: str) -> bytes:
    """`<ErrorResponse>` with its type: Sender below status 500, else Receiver."""
    blame = "Sender" if status < 500 else "Receiver"
    return _document(
        "ErrorResponse",
        f"<Error><Type>{blame}</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId>",
        "https://sts.amazonaws.com/doc/2011-06-15/",
    )


def _value(shape: Shape, form: Mapping[str, str], key: str) -> Any:
    if shape.type_name == "structure":
        return parameters(shape, form, f"{key}.")
    if shape.type_name == "list":
        prefix = f"{key}.member."
        indices = {field[len(prefix) :].split(".")[0] for field in form if field.startswith(prefix)}
        return [_value(shape.member, form, prefix + index) for index in sorted(indices, key=_number)]
    text = form.get(key, "")
    if shape.type_name in ("integer", "long"):
        return int(text) if text.lstrip("-").isdigit() else text
    return {"true": True, "false": False}.get(text, text) if shape.type_name == "boolean" else text


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _xml(shape: Shape, value: Any) -> str:
    if shape.type_name == "structure":
        return "".join(f"<{name}>{_xml(shape.members[name], item)}</{name}>" for name, item in value.items())
    if shape.type_name == "list":
        return "".join(f"<member>{_xml(shape.member, item)}</member>" for item in value)
    if shape.type_name == "timestamp":
        return datetime.fromtimestamp(value, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value).lower() if shape.type_name == "boolean" else escape(str(value))


def _document(root: str, content: str, namespace: str) -> bytes:
    return f'<{root} xmlns="{namespace}">{content}</{root}>'.encode()
