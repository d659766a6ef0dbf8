"""The sandbox's own endpoint."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug import Request, Response
from werkzeug.test import EnvironBuilder

from ecr_push.sandbox.access import SteeringAccess
from ecr_push.sandbox.clock import SandboxClock
from ecr_push.sandbox.faults import Faults
from ecr_push.sandbox.steering import Steering

ACCESS = SteeringAccess("secret", "localhost")
HEADERS = {"Authorization": "Bearer secret"}


@pytest.fixture
def faults() -> Faults:
    return Faults()


def ask(
    faults: Faults, method: str, path: str, body: str = "", clock: SandboxClock | None = None
) -> tuple[int, Any]:
    steering = Steering(faults, clock or SandboxClock(), ACCESS)
    request = Request(EnvironBuilder(path=path, method=method, data=body, headers=HEADERS).get_environ())
    assert steering.serves(request)
    response: Response = steering.respond(request)
    text = response.get_data(as_text=True)
    return response.status_code, json.loads(text) if text else None


def test_a_scenario_is_put_shown_and_taken_back(faults: Faults) -> None:
    text = "faults: [{operation: PutImage, error: X}]"
    document = {"faults": [{"operation": "PutImage", "error": "X"}]}
    assert ask(faults, "GET", "/_sandbox/scenario") == (200, {})
    assert ask(faults, "PUT", "/_sandbox/scenario", text) == (200, document)
    assert ask(faults, "GET", "/_sandbox/scenario") == (200, document)
    assert faults.decide("api", "PutImage").code == "X"
    assert ask(faults, "DELETE", "/_sandbox/scenario") == (204, None)
    assert ask(faults, "GET", "/_sandbox/scenario") == (200, {})


def test_a_wrong_scenario_changes_nothing(faults: Faults) -> None:
    ask(faults, "PUT", "/_sandbox/scenario", "faults: [{error: X}]")
    status, answer = ask(faults, "PUT", "/_sandbox/scenario", "{faults: [{status: 7}], colour: red}")
    assert status == 400
    assert len(answer["problems"]) == 2
    assert faults.decide("api", "PutImage").code == "X"


def test_requests_are_counted(faults: Faults) -> None:
    faults.decide("api", "PutImage")
    assert ask(faults, "GET", "/_sandbox/requests") == (200, {"api": {"PutImage": 1}, "v2": {}})
    assert ask(faults, "DELETE", "/_sandbox/requests") == (204, None)
    assert ask(faults, "GET", "/_sandbox/requests") == (200, {"api": {}, "v2": {}})


def test_another_path_is_not_found(faults: Faults) -> None:
    assert ask(faults, "GET", "/_sandbox/nothing")[0] == 404
    assert ask(faults, "POST", "/_sandbox/scenario")[0] == 404
    assert not Steering(faults, SandboxClock(), ACCESS).serves(
        Request(EnvironBuilder(path="/v2/").get_environ())
    )


def test_the_clock_is_advanced_and_never_set_back(faults: Faults) -> None:
    clock = SandboxClock()
    _, before = ask(faults, "GET", "/_sandbox/clock", clock=clock)
    status, after = ask(faults, "PUT", "/_sandbox/clock", '{"advance": 90}', clock)
    assert status == 200 and after["now"] >= before["now"] + 90
    for body in (
        "",
        "90",
        '{"advance": -1}',
        '{"advance": "1"}',
        '{"advance": 1e999}',
        '{"advance": 1, "x": 2}',
    ):
        status, answer = ask(faults, "PUT", "/_sandbox/clock", body, clock)
        assert (status, list(answer)) == (400, ["problems"]), body
    assert ask(faults, "GET", "/_sandbox/clock", clock=clock)[1]["now"] < after["now"] + 90
