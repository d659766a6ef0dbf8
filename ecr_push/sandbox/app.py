"""One WSGI application for each registry: faults first, then the control plane or the data plane."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from werkzeug import Request, Response
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from ecr_push.sandbox.access import SteeringAccess, foreign_host
from ecr_push.sandbox.distribution import DistributionApi
from ecr_push.sandbox.faults import FaultDecision, Faults, drop_connection
from ecr_push.sandbox.guard import Guard
from ecr_push.sandbox.lifecycle_runs import LifecycleRuns
from ecr_push.sandbox.scenario_model import Plane
from ecr_push.sandbox.steering import Steering

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_DRAIN_BYTES = 256 * 1024
# A part of a layer has 10 MiB, and grows by a third in base64. Over the other plane layers and manifests are
# streams.
MAX_API_BYTES = 32 * 1024 * 1024
MAX_STEERING_BYTES = 256 * 1024
# Of a body that is too large so much is read, for clients that do not read an answer before they have sent.
_MAX_DRAINED_BYTES = 64 * 1024 * 1024


class ControlPlane(Protocol):
    """The AWS API. The application asks `operation` first, then exactly one of the other two."""

    def operation(self, request: Request) -> str:
        """Returns the API operation that the request is for, as faults name it; "" for none."""

    def dispatch(self, request: Request) -> Response:
        """Execute it. Every error of the API is a response, not an exception."""

    def refuse(self, request: Request, status: int, code: str, message: str) -> Response:
        """Returns the error that a fault asks for, in the request's own protocol."""


class Application:
    """The WSGI application of one registry.

    distribution:  the registry's data plane.
    runs:          what a test can set the clock forward with.
    access:        who may steer the sandbox.
    control:       the control plane, None if this port has none.
    guard:         what decides by policies, if anything does.
    """

    def __init__(
        self,
        distribution: DistributionApi,
        faults: Faults,
        runs: LifecycleRuns,
        access: SteeringAccess,
        control: ControlPlane | None = None,
        guard: Guard | None = None,
    ) -> None:
        self._distribution = distribution
        self._faults = faults
        self._control = control
        self._steering = Steering(faults, runs, access, guard)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._answer(request)
        except ClientDisconnected:
            drop_connection()
        except RequestEntityTooLarge:
            _drain(environ, _MAX_DRAINED_BYTES)
            response = Response("the body is larger than the sandbox reads\n", 413)
        else:
            _drain(environ)
        # werkzeug's reason phrases are in capitals; clients such as BuildKit print them.
        response.status = f"{response.status_code} {HTTPStatus(response.status_code).phrase}"
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        plane: Plane
        if (host := foreign_host(request)) is not None:
            # 421: RFC 9110, section 15.5.20. A name that resolves to 127.0.0.1 may be that of a web page.
            return Response(
                f"the sandbox answers under 127.0.0.1 and localhost alone, not under {host[:100]!r}\n", 421
            )
        if self._steering.serves(request):
            _read_body(request, MAX_STEERING_BYTES)
            return self._steering.respond(request)
        if self._distribution.serves(request):
            call = self._distribution.route(request)
            plane, operation = "v2", call.operation
            decision = self._begin(plane, operation)
            if decision.status is not None:
                return self._distribution.refuse(
                    decision.status, decision.code or "", decision.message, decision.retry_after
                )
            response = self._distribution.respond(call, request)
        elif self._control is None:
            return Response("the sandbox does not serve this path\n", 404)
        else:
            _read_body(request, MAX_API_BYTES)
            plane, operation = "api", self._control.operation(request)
            decision = self._begin(plane, operation)
            if decision.status is not None:
                return self._control.refuse(request, decision.status, decision.code or "", decision.message)
            response = self._control.dispatch(request)
        if decision.hold == "after":
            self._faults.hold_until_changed(decision, plane, operation)
        return _cut_off(request, response) if decision.drop == "during" else response

    def _begin(self, plane: Plane, operation: str) -> FaultDecision:
        decision = self._faults.decide(plane, operation)
        if decision.latency:
            self._faults.wait_out(decision)
        if decision.hold == "before":
            self._faults.hold_until_changed(decision, plane, operation)
        if decision.drop == "before":
            drop_connection()
        return decision


def _read_body(request: Request, most: int) -> None:
    """Read the body, so that `get_data` returns it. Raises RequestEntityTooLarge.

    werkzeug alone would cut a body off at the limit where its length is not given before.
    """
    request.max_content_length = most + 1
    if len(request.get_data()) > most:
        raise RequestEntityTooLarge


def _drain(environ: WSGIEnvironment, most: float = math.inf) -> None:
    """Read the rest of the request, so that the client reads the response and can reuse the connection.

    In small pieces: cheroot itself would read the rest of a 2 GB layer at once.
    """
    while most > 0 and (piece := environ["wsgi.input"].read(_DRAIN_BYTES)):
        most -= len(piece)


def _cut_off(request: Request, response: Response) -> Response:
    """Cut the response off in the middle of its body; one without a body is not sent at all."""
    if request.method == "HEAD":
        drop_connection()
    size = response.content_length or response.calculate_content_length() or 0
    response.content_length = size
    response.direct_passthrough = False
    if close := getattr(response.response, "close", None):
        response.call_on_close(close)  # a blob's file
    response.response = _half(response.iter_encoded(), size)
    return response


def _half(body: Iterator[bytes], size: int) -> Iterator[bytes]:
    left = size // 2
    for chunk in body:
        yield chunk[:left]
        left -= len(chunk)
        if left <= 0:
            break
    drop_connection()
