"""Faults: decides by the active scenario how each request is handled, and counts the requests.

Both planes call `Faults.decide` once for each request and follow its decision. `scenario.py` documents
scenarios.
"""

from __future__ import annotations

import errno
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NoReturn

from ecr_push.sandbox.clock import SandboxClock
from ecr_push.sandbox.quotas import Quotas
from ecr_push.sandbox.scenario_model import ALWAYS, ANY, Drop, Fault, Hold, Plane, Scenario

# The status of a code, and the code of a status, if the scenario names only one of them.
# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/CommonErrors.html: 400 but for the server's own.
_STATUSES: Mapping[Plane, Mapping[str, int]] = {
    "api": {"InternalFailure": 500, "ServerException": 500, "ServiceUnavailable": 503},
    "v2": {
        "TOOMANYREQUESTS": 429,
        "UNAUTHORIZED": 401,
        "DENIED": 403,
        "NAME_UNKNOWN": 404,
        "UNAVAILABLE": 503,
    },
}
_CODES: Mapping[Plane, Mapping[int, str]] = {
    "api": {429: "ThrottlingException", 500: "ServerException", 503: "ServiceUnavailable"},
    "v2": {429: "TOOMANYREQUESTS", 401: "UNAUTHORIZED", 403: "DENIED", 404: "NAME_UNKNOWN"},
}
_OTHER_CODE: Mapping[Plane, str] = {"api": "InternalFailure", "v2": "UNAVAILABLE"}
_MESSAGES = {
    "ThrottlingException": "Rate exceeded",
    "TooManyRequestsException": "Rate exceeded",
    "TOOMANYREQUESTS": "Rate exceeded",
}
_THROTTLED: Mapping[Plane, Fault] = {
    "api": Fault(code="ThrottlingException"),
    "v2": Fault(plane="v2", code="TOOMANYREQUESTS"),
}


@dataclass(frozen=True)
class FaultDecision:
    """What to do with a request.

    latency: seconds to wait first.
    retry_after: the seconds that its header Retry-After names; 0 for none.
    status, code, message: the error to answer with; status is None for no error.
    drop: close the connection without an answer `before` the request is executed, or
        `during` the response.
    hold: wait for another scenario `before` the request is executed, or `after` it.
    over: set when the scenario is another one, or the server stops: what waits goes on.
    """

    latency: float = 0.0
    status: int | None = None
    code: str | None = None
    message: str = ""
    retry_after: int = 0
    drop: Drop = ""
    hold: Hold = ""
    over: threading.Event = field(default_factory=threading.Event, compare=False, repr=False)


@dataclass
class _Rule:
    """A fault, and the number of requests that matched it."""

    fault: Fault
    seen: int = field(default=0)

    def fires(self) -> bool:
        self.seen += 1
        met = self.seen - self.fault.skip
        return met > 0 and (self.fault.times == ALWAYS or met <= self.fault.times)


class Faults:
    """The active scenario and its counters, shared by all threads of the server.

    clock: the one by which quotas are counted.
    """

    def __init__(self, scenario: Scenario | None = None, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock or SandboxClock()
        self._lock = threading.Lock()
        self._requests: dict[Plane, Counter[str]] = {"api": Counter(), "v2": Counter()}
        self._held: dict[Plane, Counter[str]] = {"api": Counter(), "v2": Counter()}
        self._stopped = False
        self._over = threading.Event()
        self.play(scenario or Scenario())

    @property
    def scenario(self) -> Scenario:
        return self._scenario

    def play(self, scenario: Scenario) -> None:
        """Activate another scenario from its start. The request counts stay; requests that wait out a latency
        of the scenario before go on."""
        with self._lock:
            self._over.set()
            if not self._stopped:
                self._over = threading.Event()
            self._scenario = scenario
            self._rules = [_Rule(fault) for fault in scenario.faults]
            self._quotas = Quotas(scenario.quotas, self._clock)

    def wait_out(self, decision: FaultDecision) -> None:
        """Wait out a latency, at most until the scenario that decided is over."""
        decision.over.wait(decision.latency)

    def hold_until_changed(self, decision: FaultDecision, plane: Plane, operation: str) -> None:
        """Wait until the scenario that decided is over. `held` counts the request meanwhile."""
        with self._lock:
            self._held[plane][operation] += 1
        decision.over.wait()
        with self._lock:
            self._held[plane][operation] -= 1

    def held(self) -> dict[Plane, dict[str, int]]:
        """Returns the number of requests that are held now, by plane and operation."""
        with self._lock:
            return {plane: dict(sorted((+counter).items())) for plane, counter in self._held.items()}

    def stop(self) -> None:
        """Let all requests go on: the server stops."""
        with self._lock:
            self._stopped = True
            self._over.set()

    def decide(self, plane: Plane, operation: str) -> FaultDecision:
        """Count a request and decide how to handle it: by the first fault that applies, else by the quotas.
        Later faults do not count the request."""
        with self._lock:
            self._requests[plane][operation or "unknown"] += 1
            # Of this scenario: who waits for the count may set another one before the request waits.
            return replace(self._decide(plane, operation), over=self._over)

    def _decide(self, plane: Plane, operation: str) -> FaultDecision:
        latencies = self._scenario.latency.get(plane, {})
        latency = latencies.get(operation, latencies.get(ANY, 0.0))
        for rule in self._rules:
            if rule.fault.matches(plane, operation) and rule.fires():
                return _decision(rule.fault, latency)
        if not self._quotas.take(operation):
            return _decision(_THROTTLED[plane], latency)
        return FaultDecision(latency)

    def requests(self) -> dict[Plane, dict[str, int]]:
        """Returns the number of requests by plane and operation since the start or the last `forget`."""
        with self._lock:
            return {plane: dict(sorted(counter.items())) for plane, counter in self._requests.items()}

    def forget(self) -> None:
        """Reset the request counts."""
        with self._lock:
            for counter in self._requests.values():
                counter.clear()


def drop_connection() -> NoReturn:
    """Close the connection without sending another byte. Raises out of the WSGI application: cheroot treats
    the error as a client that disconnected, writes nothing and closes the socket."""
    raise ConnectionResetError(errno.ECONNRESET, "connection dropped by the scenario")


def _decision(fault: Fault, latency: float) -> FaultDecision:
    if fault.drop or not (fault.code or fault.status):
        return FaultDecision(latency, drop=fault.drop, hold=fault.hold)
    plane = fault.plane
    code = fault.code or _CODES[plane].get(fault.status or 0, _OTHER_CODE[plane])
    status = fault.status or _STATUSES[plane].get(code, 400)
    return FaultDecision(
        latency,
        status,
        code,
        fault.message or _MESSAGES.get(code, "ordered by the scenario"),
        fault.retry_after,
        hold=fault.hold,
    )
