"""The AWS API in several regions: a request goes to the registry of the region that it is signed for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response

from ecr_push.base.place import Place
from ecr_push.sandbox import protocol
from ecr_push.sandbox.identity import region_of

if TYPE_CHECKING:
    from ecr_push.sandbox.app import ControlPlane
    from ecr_push.sandbox.faults import Faults
    from ecr_push.sandbox.state import State


class Regions:
    """The control plane of one registry, and of those that it is replicated to.

    make: the control plane of another one's state.
    """

    def __init__(
        self,
        own: ControlPlane,
        state: State,
        faults: Faults,
        make: Callable[[State], ControlPlane],
    ) -> None:
        self._own = own
        self._state = state
        self._faults = faults
        self._make = make
        self._others: dict[Place, ControlPlane] = {}

    def operation(self, request: Request) -> str:
        return self._own.operation(request)

    def dispatch(self, request: Request) -> Response:
        return self._of(request).dispatch(request)

    def refuse(self, request: Request, status: int, code: str, message: str) -> Response:
        return self._own.refuse(request, status, code, message)

    def _of(self, request: Request) -> ControlPlane:
        """Own, unless the request is for a private registry that replication has a destination in.

        Requests to ECR Public are signed for us-east-1, wherever they come from.
        """
        if protocol.service_of(request.headers, request.path) != "ecr":
            return self._own
        place = Place(region_of(request.headers), _account(request) or self._state.account)
        if place.region in ("", self._state.region):
            return self._own
        state = self._state.replicas.state_of(place, self._faults.scenario.replication)
        if state is None:
            return self._own
        if place not in self._others:
            self._others[place] = self._make(state)
        return self._others[place]


def _account(request: Request) -> str:
    """The registry that a request names; "" for the caller's own."""
    try:
        body: Any = json.loads(request.get_data() or b"{}")
    except ValueError:
        return ""
    found = body.get("registryId") if isinstance(body, dict) else ""
    return found if isinstance(found, str) else ""
