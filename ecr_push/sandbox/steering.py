"""The sandbox's own endpoint, in addition to those of AWS, for tests and benchmarks:

    GET    /_sandbox/scenario   the active one, as JSON
    PUT    /_sandbox/scenario   activate a scenario (YAML or JSON); 400 lists every problem
    DELETE /_sandbox/scenario   end all faults
    GET    /_sandbox/requests   the number of requests by operation: {"api": {"PutImage": 2}, "v2": {}}
    DELETE /_sandbox/requests   reset the counts
    GET    /_sandbox/held       the number of requests that a scenario holds now, in the same form
    GET    /_sandbox/iam        what was allowed and denied: {"used": [{"principal", "action", "resource",
                                "effect", "statements", "count"}]}; only with principals and policies
    DELETE /_sandbox/iam        reset that
    GET    /_sandbox/clock      the sandbox's time: {"now": 1767323045.5}, in seconds since the epoch
    PUT    /_sandbox/clock      {"advance": 90} sets it forward by 90 seconds, and carries the lifecycle
                                policies out for each day that passes
    POST   /_sandbox/lifecycle  carry the lifecycle policies out now: what was done, by repository

Its requests are neither counted nor delayed. They need the sandbox's secret as a bearer token: see `access`.
"""

from __future__ import annotations

import json
import math
from typing import Any

from werkzeug import Request, Response

from ecr_push.sandbox.access import SteeringAccess
from ecr_push.sandbox.faults import Faults
from ecr_push.sandbox.guard import Guard
from ecr_push.sandbox.lifecycle_runs import LifecycleRuns
from ecr_push.sandbox.scenario import ScenarioError, parse_scenario
from ecr_push.sandbox.scenario_model import Scenario

PREFIX = "/_sandbox/"


class Steering:
    """Pass the paths of `serves` to `respond`, before faults apply."""

    def __init__(
        self, faults: Faults, runs: LifecycleRuns, access: SteeringAccess, guard: Guard | None = None
    ) -> None:
        self._guard = guard
        self._faults = faults
        self._runs = runs
        self._access = access

    def serves(self, request: Request) -> bool:
        return request.path.startswith(PREFIX)

    def respond(self, request: Request) -> Response:
        if problem := self._access.problem(request):
            return _json({"problems": [problem]}, 403)
        match request.method, request.path.removeprefix(PREFIX):
            case "GET", "scenario":
                return _json(self._faults.scenario.document)
            case "PUT", "scenario":
                return self._put(request.get_data())
            case "DELETE", "scenario":
                self._faults.play(Scenario())
                return Response(status=204)
            case "GET", "requests":
                return _json(self._faults.requests())
            case "GET", "held":
                return _json(self._faults.held())
            case "DELETE", "requests":
                self._faults.forget()
                return Response(status=204)
            case "GET", "iam":
                return _json({"used": self._guard.used() if self._guard else []})
            case "DELETE", "iam":
                if self._guard:
                    self._guard.forget()
                return Response(status=204)
            case "GET", "clock":
                return _json({"now": self._runs.now()})
            case "PUT", "clock":
                return self._advance(request.get_data())
            case "POST", "lifecycle":
                return _json(self._runs.run())
        return _json({"problems": [f"there is no {request.method} {request.path}"]}, 404)

    def _put(self, text: bytes) -> Response:
        try:
            scenario = parse_scenario(text)
        except ScenarioError as error:
            return _json({"problems": error.problems}, 400)
        self._faults.play(scenario)
        return _json(scenario.document)

    def _advance(self, text: bytes) -> Response:
        seconds = _seconds(text)
        if seconds is None:
            return _json({"problems": ['expected {"advance": SECONDS}, 0 or more']}, 400)
        self._runs.advance(seconds)
        return _json({"now": self._runs.now()})


def _seconds(text: bytes) -> float | None:
    try:
        match json.loads(text):
            case {"advance": int() | float() as seconds, **more} if not more and 0 <= seconds < math.inf:
                return float(seconds)
    except ValueError:
        pass
    return None


def _json(document: Any, status: int = 200) -> Response:
    return Response(json.dumps(document) + "\n", status, content_type="application/json")
