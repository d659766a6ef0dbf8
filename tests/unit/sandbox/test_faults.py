"""Faults: which request fares how, and how often each was asked for."""

from __future__ import annotations

import threading

import pytest

from ecr_push.sandbox.faults import FaultDecision, Faults, drop_connection
from ecr_push.sandbox.scenario import ScenarioError, parse_scenario
from ecr_push.sandbox.scenario_model import ScanStep, Scenario


def faults(text: str) -> Faults:
    return Faults(parse_scenario(text))


def codes(player: Faults, operation: str, times: int) -> list[str | None]:
    return [player.decide("api", operation).code for _ in range(times)]


def test_nothing_happens_without_a_scenario() -> None:
    assert Faults().decide("api", "PutImage") == FaultDecision()
    assert faults("").decide("v2", "PutManifest") == FaultDecision()


def test_latency_is_the_operations_own_or_everyones() -> None:
    player = faults("latency: {api: {'*': 0.15, PutImage: 0.4}, v2: 0.01}")
    assert [
        player.decide("api", "PutImage").latency,
        player.decide("api", "ListImages").latency,
        player.decide("v2", "GetManifest").latency,
    ] == [0.4, 0.15, 0.01]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("error: ThrottlingException", FaultDecision(0, 400, "ThrottlingException", "Rate exceeded")),
        ("error: ServerException, message: Try again", FaultDecision(0, 500, "ServerException", "Try again")),
        ("status: 503, message: Down", FaultDecision(0, 503, "ServiceUnavailable", "Down")),
        ("status: 418, error: Teapot, message: Tea", FaultDecision(0, 418, "Teapot", "Tea")),
        ("drop: before", FaultDecision(drop="before")),
        ("drop: during", FaultDecision(drop="during")),
    ],
)
def test_a_fault_of_the_api(fault: str, expected: FaultDecision) -> None:
    assert faults(f"faults: [{{operation: PutImage, {fault}}}]").decide("api", "PutImage") == expected


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("status: 429", FaultDecision(0, 429, "TOOMANYREQUESTS", "Rate exceeded")),
        ("error: DENIED, message: Away", FaultDecision(0, 403, "DENIED", "Away")),
        ("status: 502, message: Bad", FaultDecision(0, 502, "UNAVAILABLE", "Bad")),
    ],
)
def test_a_fault_of_the_data_plane(fault: str, expected: FaultDecision) -> None:
    assert faults(f"faults: [{{plane: v2, {fault}}}]").decide("v2", "PutManifest") == expected


def test_skip_and_times_count_the_operations_own_requests() -> None:
    player = faults("faults: [{operation: PutImage, skip: 1, times: 2, error: X}]")
    assert codes(player, "ListImages", 2) == [None, None]
    assert codes(player, "PutImage", 5) == [None, "X", "X", None, None]


def test_always_never_ends() -> None:
    assert codes(faults("faults: [{error: X, times: always}]"), "PutImage", 5) == ["X"] * 5


def test_the_first_fault_that_fires_hides_the_request_from_the_later_ones() -> None:
    player = faults("faults: [{operation: PutImage, error: X}, {error: Y, times: 2}]")
    assert codes(player, "PutImage", 4) == ["X", "Y", "Y", None]


def test_a_new_scenario_begins_at_its_beginning_and_counts_go_on() -> None:
    player = faults("faults: [{error: X}]")
    assert codes(player, "PutImage", 2) == ["X", None]
    player.play(parse_scenario("faults: [{error: Y}]"))
    assert codes(player, "PutImage", 2) == ["Y", None]
    player.play(Scenario())
    assert codes(player, "PutImage", 1) == [None]
    player.decide("v2", "GetBlob")
    assert player.requests() == {"api": {"PutImage": 5}, "v2": {"GetBlob": 1}}
    player.forget()
    assert player.requests() == {"api": {}, "v2": {}}


def test_a_scenario_that_comes_before_a_request_waits_is_not_missed() -> None:
    """A test that saw the request counted sets the next scenario: the wait is over before it begins."""
    player = faults("latency: {api: 3600}")
    decided = player.decide("api", "PutImage")
    assert not decided.over.is_set()
    player.play(Scenario())
    assert decided.over.is_set()
    later = player.decide("api", "PutImage")
    player.stop()
    assert later.over.is_set()
    player.play(parse_scenario("latency: {api: 3600}"))
    assert player.decide("api", "PutImage").over.is_set(), "it has stopped"


def test_threads_share_the_counters() -> None:
    player = faults("faults: [{operation: PutImage, skip: 100, times: 200, error: X}]")
    seen: list[str | None] = []
    threads = [threading.Thread(target=lambda: seen.extend(codes(player, "PutImage", 100))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen.count("X") == 200
    assert player.requests()["api"] == {"PutImage": 800}


def test_a_dropped_connection_looks_like_a_client_that_went_away() -> None:
    with pytest.raises(ConnectionResetError):
        drop_connection()


def test_a_scan_scenario() -> None:
    scan = parse_scenario(
        """
        token: {life: 2}
        scan:
          delay: 3
          statuses: [ScanNotFound, PENDING: 1.5, FAILED]
          description: no such system
          findings: late
          restart: 0
        """
    ).scan
    assert scan.statuses == (ScanStep("ScanNotFound"), ScanStep("PENDING", 1.5), ScanStep("FAILED"))
    assert (scan.delay, scan.description, scan.late_findings, scan.restart_after) == (
        3.0,
        "no such system",
        True,
        0.0,
    )
    assert Scenario().scan.restart_after == 24 * 60 * 60


def test_a_scenario_may_be_json() -> None:
    assert parse_scenario('{"token": {"life": 2.5}}').token_life == 2.5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[1]", "the scenario is [1]: expected a mapping of latency, faults, token, scan"),
        ("a: [", "not valid YAML"),
        ("fault: []", "the scenario has an unknown key 'fault'; did you mean 'faults'?"),
        ("latency: {api: fast}", "latency.api.* is 'fast': expected seconds, 0 or more"),
        ("latency: {api: {PutImages: 1}}", "'PutImages'; did you mean 'PutImage'?"),
        ("latency: {api: -1}", "expected seconds, 0 or more"),
        ("faults: {error: X}", "expected a list"),
        ("faults: [{operation: PutImage}]", "faults[0] has no effect"),
        ("faults: [{operation: PutImge, error: X}]", "did you mean 'PutImage'?"),
        (
            "faults: [{plane: v2, operation: PutImage, error: X}]",
            "faults[0] is not an operation of v2: 'PutImage'",
        ),
        ("faults: [{plane: v2, operation: PutManifset, error: X}]", "did you mean 'PutManifest'?"),
        ("faults: [{error: X, times: never}]", "faults[0].times is 'never'"),
        ("faults: [{status: 200}]", "faults[0].status is 200: expected an HTTP error"),
        ("faults: [{drop: after}]", "faults[0].drop is 'after': expected one of before, during"),
        ("scan: {statuses: [PENDNG]}", "scan.statuses[0] is 'PENDNG'"),
        ("scan: {findings: none}", "expected one of prompt, late, never"),
        ("scan: {epss: {CVE-1: 2}}", "scan.epss is {'CVE-1': 2}: expected numbers from 0 to 1"),
        ("scan: {epss: 1}", "scan.epss is 1: expected numbers from 0 to 1 by name"),
    ],
)
def test_a_wrong_scenario_is_explained(text: str, problem: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[" * 5_000 + "]" * 5_000, "nested too deeply"),
        ("faults: &a [*a]", "nested too deeply"),
        ("token: {life: 2020-99-99}", "not valid YAML"),
        (
            "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)),
            "more than 20,000 values",
        ),
    ],
)
def test_a_document_that_is_too_much_is_refused(text: str, problem: str) -> None:
    """It is shown whole when someone asks for it, its aliases written out."""
    with pytest.raises(ScenarioError, match=problem):
        parse_scenario(text)


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario("{token: {life: soon}, faults: [{status: 7, colour: red}], scan: {delay: -1}}")
    assert len(caught.value.problems) == 4
