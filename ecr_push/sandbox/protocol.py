"""AWS's wire protocols, implemented by botocore's service models: AWS JSON 1.1 for ECR and ECR Public, REST
with JSON for Inspector, the query protocol for STS and IAM.

A request becomes an `ApiCall` (`read_call`, then `check_parameters`); what an operation returns becomes an
`ApiResponse` (`write_answer`, `write_error`). Nothing here depends on an operation.

https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator
from werkzeug.datastructures import Headers

from ecr_push.sandbox import query
from ecr_push.sandbox.constraints import violations
from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.wire import to_wire

SERVICES = ("ecr", "ecr-public", "inspector2", "sts", "iam", "service-quotas", "kms")
# Those of the query protocol: the signature says for which of them a request is.
_QUERY = ("sts", "iam")
_FOR_IAM = "/iam/aws4_request"
_REST = "inspector2"
_CONTENT_TYPES = {_REST: "application/json"}
NOT_IMPLEMENTED = "NotImplementedBySandbox"


@dataclass(frozen=True)
class ApiCall:
    """One request to an operation, its parameters not yet checked."""

    service: str
    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ApiResponse:
    """One HTTP response. request_id is also in the headers and, for STS, in the body."""

    status: int
    content_type: str
    body: bytes
    request_id: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Type": self.content_type, "x-amzn-RequestId": self.request_id}


@functools.cache
def service_model(service: str) -> ServiceModel:
    """botocore's model of one of SERVICES. Without a session: the user's AWS configuration may be broken, or
    name a profile that is not there, and has nothing to do with the sandbox."""
    loader = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


@functools.cache
def operation_names() -> tuple[str, ...]:
    """Every operation of SERVICES, whether the sandbox implements it or not."""
    return tuple(sorted({name for service in SERVICES for name in service_model(service).operation_names}))


def operation_model(call: ApiCall) -> OperationModel:
    return service_model(call.service).operation_model(call.operation)


@functools.cache
def _rest_operations() -> Mapping[str, str]:
    """Operations by their path. The sandbox's are all POSTs with every parameter in the body."""
    model = service_model(_REST)
    return {str(model.operation_model(name).http["requestUri"]): name for name in model.operation_names}


def service_of(headers: Headers, path: str = "/") -> str:
    """The service that a request is for. The AWS JSON protocol names it, and the operation, in X-Amz-Target;
    REST names the operation by its path; a request for `/` without a target is for IAM or STS. "" for any
    other service."""
    target = headers.get("X-Amz-Target", "")
    if not target and path in _rest_operations():
        return _REST
    if not target:
        query_service = "iam" if _FOR_IAM in headers.get("Authorization", "") else "sts"
        return query_service if path == "/" else ""
    prefix = target.partition(".")[0]
    return next((it for it in SERVICES if service_model(it).metadata.get("targetPrefix") == prefix), "")


def operation_of(headers: Headers, body: bytes, path: str = "/") -> str:
    """The operation that a request names, even an unknown one; "" for none."""
    target = headers.get("X-Amz-Target", "")
    if not target and path in _rest_operations():
        return _rest_operations()[path]
    return target.partition(".")[2] if target else query.parse_form(body).get("Action", "")


def read_call(headers: Headers, body: bytes, path: str = "/") -> ApiCall:
    """Reads a request's operation and parameters. Raises EcrError."""
    service, operation = service_of(headers, path), operation_of(headers, body, path)
    if not service or operation not in service_model(service).operation_names:
        raise EcrError(
            "UnknownOperationException",
            f"the sandbox serves {', '.join(SERVICES)}; none of them has an operation "
            f"'{headers.get('X-Amz-Target') or operation or path}'",
        )
    shape = service_model(service).operation_model(operation).input_shape
    if shape is None:
        return ApiCall(service, operation)
    if service in _QUERY:
        return ApiCall(service, operation, query.parameters(shape, query.parse_form(body)))
    return ApiCall(service, operation, _read_json(shape, body))


def check_parameters(call: ApiCall) -> None:
    """Check the parameters against the service model. Raises EcrError with every problem."""
    shape = operation_model(call).input_shape
    if shape is None:
        return
    if broken := list(violations(shape, call.parameters)):
        raise EcrError(_invalid_code(call), _constraint_message(call, broken))
    report = ParamValidator().validate(call.parameters, shape)
    if report.has_errors():
        raise EcrError(_invalid_code(call), report.generate_report())


def invalid_parameter(name: str, constraint: str) -> EcrError:
    """Returns InvalidParameterException in ECR's wording."""
    return EcrError(
        "InvalidParameterException",
        f"Invalid parameter at '{name}' failed to satisfy constraint: '{constraint}'",
    )


def write_answer(call: ApiCall, result: Mapping[str, Any]) -> ApiResponse:
    """Renders the result of an operation. Raises TypeError if the result does not have the shape of the
    service model, which is a bug of the operation."""
    model = operation_model(call)
    request_id = str(uuid.uuid4())
    wire = to_wire(model.output_shape, result) if model.output_shape else {}
    if call.service in _QUERY:
        return ApiResponse(200, "text/xml", query.answer(model, wire, request_id), request_id)
    return ApiResponse(200, _content_type(call.service), json.dumps(wire).encode(), request_id)


def write_error(service: str, error: EcrError) -> ApiResponse:
    """Renders an error as the service does: `__type` and `message` in JSON, or STS's ErrorResponse."""
    request_id = str(uuid.uuid4())
    if service in _QUERY:
        body = query.error(error.code, error.message, error.http_status, request_id)
        return ApiResponse(error.http_status, "text/xml", body, request_id)
    document = {"__type": error.code, "message": error.message}
    return ApiResponse(error.http_status, _content_type(service), json.dumps(document).encode(), request_id)


def _content_type(service: str) -> str:
    return _CONTENT_TYPES.get(service, "application/x-amz-json-1.1")


def _read_json(shape: Shape, body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise EcrError("SerializationException", f"the body is not valid JSON: {error}") from None
    if not isinstance(document, dict):
        raise EcrError("SerializationException", "the body is not a JSON object")
    parameters: dict[str, Any] = _from_json(shape, document)
    return parameters


def _from_json(shape: Shape, value: Any) -> Any:
    """Decodes base64 where the model has a blob, and removes nulls, which mean absent.

    Raises EcrError for half of a surrogate pair, which JSON can carry and UTF-8 cannot.
    """
    if shape.type_name == "structure" and isinstance(value, dict):
        return {
            name: _from_json(shape.members[name], item) if name in shape.members else item
            for name, item in value.items()
            if item is not None
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [_from_json(shape.member, item) for item in value]
    if shape.type_name == "blob":
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, TypeError, ValueError):
            raise EcrError("SerializationException", "a blob is not valid base64") from None
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise EcrError("SerializationException", "a string is not valid Unicode") from None
    return value


def _invalid_code(call: ApiCall) -> str:
    """The service's error code for a parameter that breaks the model."""
    if call.service in _QUERY:
        return "ValidationError"
    declared = {shape.name for shape in operation_model(call).error_shapes}
    return "InvalidParameterException" if "InvalidParameterException" in declared else "ValidationException"


def _constraint_message(call: ApiCall, broken: list[tuple[str, Any, str]]) -> str:
    if _invalid_code(call) == "InvalidParameterException":
        return "; ".join(
            f"Invalid parameter at '{where}' failed to satisfy constraint: '{constraint}'"
            for where, _, constraint in broken
        )
    count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected: "
    return count + "; ".join(
        f"Value '{str(value)[:200]}' at '{where}' failed to satisfy constraint: {constraint}"
        for where, value, constraint in broken
    )
