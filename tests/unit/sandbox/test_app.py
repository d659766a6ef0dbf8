"""Faults as a client meets them, on either plane."""

from __future__ import annotations

import io
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Request, Response
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

from ecr_push.sandbox import app
from ecr_push.sandbox.access import SteeringAccess
from ecr_push.sandbox.app import Application
from ecr_push.sandbox.clock import SandboxClock
from ecr_push.sandbox.distribution import OPERATIONS, DistributionApi
from ecr_push.sandbox.faults import Faults
from ecr_push.sandbox.lifecycle_runs import LifecycleRuns
from ecr_push.sandbox.scenario import parse_scenario
from ecr_push.sandbox.scenario_model import Scenario
from ecr_push.sandbox.state import State
from ecr_push.sandbox.tokens import Tokens
from tests.support.command_line import until
from tests.support.sandbox.content import add_blobs, image
from tests.support.sandbox.data_plane import DataPlane, error

ACCESS = SteeringAccess("secret", "localhost")
SECRET = {"Authorization": "Bearer secret"}


class Control:
    """An API of one operation."""

    def __init__(self) -> None:
        self.calls = 0

    def operation(self, request: Request) -> str:
        return request.headers.get("X-Amz-Target", "")

    def dispatch(self, request: Request) -> Response:
        self.calls += 1
        return Response(b"0123456789")

    def refuse(self, request: Request, status: int, code: str, message: str) -> Response:
        return Response(f"{code} {message}", status)


class Served:
    """Both planes on one port, under a scenario."""

    def __init__(self, root: Path, scenario: str) -> None:
        self.control = Control()
        self.state = State(root)
        distribution = DistributionApi("private", self.state, Tokens(time.time))
        self.faults = Faults(parse_scenario(scenario))
        runs = LifecycleRuns(self.state, SandboxClock())
        self.client = Client(Application(distribution, self.faults, runs, ACCESS, self.control))

    def call(self) -> Any:
        return self.client.post("/", headers={"X-Amz-Target": "PutImage"}, buffered=True)

    def ping(self) -> Any:
        return self.client.get("/v2/")


@pytest.fixture
def serve(tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    def start(scenario: str = "{}") -> Served:
        served = Served(tmp_path, scenario)
        request.addfinalizer(served.state.close)
        return served

    return start


def test_without_faults_each_path_reaches_its_plane(serve: Any) -> None:
    served = serve()
    assert served.call().get_data() == b"0123456789"
    assert served.ping().status_code == 401


def test_a_throttled_call_is_not_carried_out(serve: Any) -> None:
    served = serve("faults: [{operation: PutImage, error: ThrottlingException}]")
    throttled = served.call()
    assert (throttled.status_code, throttled.text) == (400, "ThrottlingException Rate exceeded")
    assert served.control.calls == 0
    assert served.call().status_code == 200


def test_a_throttled_request_to_the_registry(tmp_path: Path) -> None:
    scenario = parse_scenario("faults: [{plane: v2, operation: ListTags, error: TOOMANYREQUESTS}]")
    plane = DataPlane(tmp_path, scenario=scenario)
    assert error(plane.send("GET", "tags/list")) == (429, "TOOMANYREQUESTS", "Rate exceeded")
    assert plane.send("GET", "tags/list").status_code == 200
    plane.state.close()


def test_a_connection_dropped_before_the_call_leaves_nothing_done(serve: Any) -> None:
    served = serve("faults: [{operation: PutImage, drop: before}]")
    with pytest.raises(ConnectionResetError):
        served.call()
    assert served.control.calls == 0


def test_a_connection_dropped_during_the_answer_leaves_it_done(serve: Any) -> None:
    served = serve("faults: [{operation: PutImage, drop: during}]")
    with pytest.raises(ConnectionResetError):
        served.call()
    assert served.control.calls == 1


def test_a_manifest_whose_answer_is_cut_off_is_there(tmp_path: Path) -> None:
    scenario = parse_scenario("faults: [{plane: v2, operation: PutManifest, drop: during}]")
    plane = DataPlane(tmp_path, scenario=scenario)
    add_blobs(plane.state, "app", b"layer")
    with pytest.raises(ConnectionResetError):
        plane.put_manifest("1.0", image(b"layer"))
    assert plane.send("HEAD", "manifests/1.0").status_code == 200
    plane.state.close()


def test_latency_is_waited_out_but_not_while_the_server_stops(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve("latency: {api: 0.05}")
    waits: list[float] = []
    monkeypatch.setattr(served.faults, "wait_out", lambda decision: waits.append(decision.latency))
    served.call()
    assert waits == [0.05]
    monkeypatch.undo()
    served.client.put("/_sandbox/scenario", headers=SECRET, data="latency: {api: 3600}")
    served.faults.stop()
    served.call()  # returns


class Endless(io.RawIOBase):
    """A body without an end; counts what was read of it."""

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        buffer[:] = bytes(len(buffer))
        self.taken += len(buffer)
        return len(buffer)


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [("POST", "/", {"X-Amz-Target": "PutImage"}), ("PUT", "/_sandbox/scenario", SECRET)],
)
def test_a_body_without_an_end_is_refused(
    serve: Any, monkeypatch: pytest.MonkeyPatch, method: str, path: str, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(app, "MAX_API_BYTES", 100_000)
    monkeypatch.setattr(app, "_MAX_DRAINED_BYTES", 1_000_000)
    served, body = serve(), Endless()
    environ = EnvironBuilder(path, method=method, headers=headers).get_environ()
    endless = {"CONTENT_LENGTH": "", "wsgi.input": io.BufferedReader(body), "wsgi.input_terminated": True}
    answer, status, _ = run_wsgi_app(served.client.application, {**environ, **endless})
    assert status == "413 Request Entity Too Large"
    assert b"larger than" in b"".join(answer)
    assert body.taken < 3_000_000
    assert served.control.calls == 0


def test_another_scenario_ends_the_latency_of_the_one_before(serve: Any) -> None:
    served = serve("latency: {api: 3600}")
    calling = threading.Thread(target=served.call)
    calling.start()
    while not served.faults.requests()["api"]:
        pass
    served.client.delete("/_sandbox/scenario", headers=SECRET)
    calling.join()
    assert served.control.calls == 1


@pytest.mark.parametrize(("hold", "calls"), [("before", 0), ("after", 1)])
def test_a_held_request_waits_until_the_scenario_changes(serve: Any, hold: str, calls: int) -> None:
    served = serve(f"faults: [{{operation: PutImage, hold: {hold}, skip: 1}}]")
    assert served.call().status_code == 200
    answers: list[Any] = []
    waiting = threading.Thread(target=lambda: answers.append(served.call()))
    waiting.start()
    until(lambda: served.faults.held() == {"api": {"PutImage": 1}, "v2": {}}, "the request is held")
    assert (served.control.calls, answers) == (1 + calls, [])
    assert served.client.get("/_sandbox/held", headers=SECRET).json["api"] == {"PutImage": 1}
    served.faults.play(Scenario())
    waiting.join()
    assert served.faults.held() == {"api": {}, "v2": {}}
    assert (answers[0].status_code, served.control.calls) == (200, 2)


def test_a_held_request_fails_afterwards_where_the_fault_says_so(serve: Any) -> None:
    served = serve("faults: [{operation: PutImage, hold: before, error: ServerException}]")
    answers: list[Any] = []
    waiting = threading.Thread(target=lambda: answers.append(served.call()))
    waiting.start()
    until(lambda: served.faults.held()["api"], "the request is held")
    served.faults.stop()
    waiting.join()
    assert (answers[0].status_code, served.control.calls) == (500, 0)


def test_requests_are_counted_by_operations_that_a_scenario_can_name(tmp_path: Path) -> None:
    plane = DataPlane(tmp_path)
    add_blobs(plane.state, "app", b"layer")
    plane.send("GET", "/v2/")
    plane.put_manifest("1.0", image(b"layer"))
    plane.send("HEAD", "manifests/1.0")
    plane.push_blob(b"layer")
    counted = plane.faults.requests()["v2"]
    assert counted == {"CheckVersion": 1, "HeadManifest": 1, "PutManifest": 1, "StartUpload": 1}
    assert counted.keys() <= set(OPERATIONS)
    plane.state.close()
