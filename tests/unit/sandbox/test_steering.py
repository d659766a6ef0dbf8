"""The sandbox's own endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Request, Response
from werkzeug.test import EnvironBuilder

from ecr_push.sandbox.access import SteeringAccess
from ecr_push.sandbox.clock import SandboxClock
from ecr_push.sandbox.faults import Faults
from ecr_push.sandbox.guard import Guard
from ecr_push.sandbox.lifecycle_runs import LifecycleRuns
from ecr_push.sandbox.permissions.setup import parse_setup
from ecr_push.sandbox.state import State
from ecr_push.sandbox.steering import Steering
from tests.support.sandbox.api import Api

ACCESS = SteeringAccess("secret", "localhost")
HEADERS = {"Authorization": "Bearer secret"}
RUNS: list[LifecycleRuns] = []  # those of the test


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture(autouse=True)
def runs(tmp_path: Path) -> Iterator[LifecycleRuns]:
    clock = SandboxClock()
    state = State(tmp_path / "runs", clock=clock)
    runs = LifecycleRuns(state, clock)
    RUNS.append(runs)
    yield runs
    RUNS.clear()
    state.close()


def ask(
    faults: Faults, method: str, path: str, body: str = "", guard: Guard | None = None
) -> tuple[int, Any]:
    steering = Steering(faults, RUNS[0], ACCESS, guard)
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


def test_what_policies_decided_is_shown(faults: Faults, tmp_path: Path) -> None:
    assert ask(faults, "GET", "/_sandbox/iam") == (200, {"used": []})  # a port without a guard
    assert ask(faults, "DELETE", "/_sandbox/iam") == (204, None)
    api = Api(tmp_path)
    api.setup = parse_setup("principals: []\n", lambda name: b"")[0]
    api.call("DescribeRepositories")
    guard = api.guard
    [used] = ask(faults, "GET", "/_sandbox/iam", guard=guard)[1]["used"]
    assert (used["action"], used["effect"]) == ("ecr:DescribeRepositories", "allow")
    assert ask(faults, "DELETE", "/_sandbox/iam", guard=guard) == (204, None)
    assert ask(faults, "GET", "/_sandbox/iam", guard=guard) == (200, {"used": []})
    api.close()


def test_requests_are_counted(faults: Faults) -> None:
    faults.decide("api", "PutImage")
    assert ask(faults, "GET", "/_sandbox/requests") == (200, {"api": {"PutImage": 1}, "v2": {}})
    assert ask(faults, "DELETE", "/_sandbox/requests") == (204, None)
    assert ask(faults, "GET", "/_sandbox/requests") == (200, {"api": {}, "v2": {}})


def test_another_path_is_not_found(faults: Faults, runs: LifecycleRuns) -> None:
    assert ask(faults, "GET", "/_sandbox/nothing")[0] == 404
    assert ask(faults, "POST", "/_sandbox/scenario")[0] == 404
    assert not Steering(faults, runs, ACCESS).serves(Request(EnvironBuilder(path="/v2/").get_environ()))


def test_the_clock_is_advanced_and_never_set_back(faults: Faults) -> None:
    _, before = ask(faults, "GET", "/_sandbox/clock")
    status, after = ask(faults, "PUT", "/_sandbox/clock", '{"advance": 90}')
    assert status == 200 and after["now"] >= before["now"] + 90
    for body in (
        "",
        "90",
        '{"advance": -1}',
        '{"advance": "1"}',
        '{"advance": 1e999}',
        '{"advance": 1, "x": 2}',
    ):
        status, answer = ask(faults, "PUT", "/_sandbox/clock", body)
        assert (status, list(answer)) == (400, ["problems"]), body
    assert ask(faults, "GET", "/_sandbox/clock")[1]["now"] < after["now"] + 90


def test_lifecycle_policies_are_carried_out_when_asked(faults: Faults, runs: LifecycleRuns) -> None:
    """What is done: test_lifecycle_runs."""
    assert ask(faults, "POST", "/_sandbox/lifecycle") == (200, {})
    assert ask(faults, "GET", "/_sandbox/lifecycle")[0] == 404
