"""benchmarks/fleet.py, held: in a fleet on one account, everyone gets an answer, and listening spares ECR."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from tests.support.paths import ROOT

BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("fleet")


@pytest.fixture
def wait(fleet: Any) -> Any:
    return importlib.import_module("wait")


def test_2000_pipelines_far_beyond_the_quota_all_get_a_result(fleet: Any) -> None:
    result = fleet.simulate(fleet.Fleet())
    assert (len(result.delays), result.failures) == (2000, [])
    assert result.throttled  # else this would show nothing
    assert result.delay(0.5) < 30
    assert max(result.delays) < 400


def test_two_thousand_pipelines_that_listen_stay_below_it(fleet: Any) -> None:
    listening = fleet.Fleet(listens=True)
    result = fleet.simulate(listening)
    assert (len(result.delays), result.failures, result.throttled) == (2000, [], 0)
    assert result.calls < 5 * listening.pipelines
    assert result.delay(0.95) < 10
    assert result.receives < 50 * listening.pipelines  # $0.40 a million


@pytest.mark.parametrize("lost", [0.0, 0.5, 1.0])
def test_however_many_events_are_lost(fleet: Any, lost: float) -> None:
    result = fleet.simulate(fleet.Fleet(pipelines=100, listens=True, lost=lost))
    assert (len(result.delays), result.failures) == (100, [])


def test_one_queue_for_all_is_slower_and_still_an_answer_for_everyone(fleet: Any) -> None:
    shared = fleet.simulate(fleet.Fleet(pipelines=600, listens=True, repositories_a_queue=600))
    assert (len(shared.delays), shared.failures) == (600, [])
    apart = fleet.simulate(fleet.Fleet(pipelines=600, listens=True))
    assert shared.delay(0.5) > apart.delay(0.5)


@pytest.mark.parametrize("seconds", [2.0, 20.0, 200.0, 1200.0])
def test_one_scan_against_the_waiter_of_the_sdk(
    wait: Any, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wait, "ROUNDS", 5)
    asking, listening = (wait.ours(seconds, listens=listens) for listens in (False, True))
    assert asking.lost <= max(1.0, 0.05 * seconds)
    assert listening.calls <= 20
    if seconds > 300:  # far fewer calls than one every five seconds, and an answer at all
        assert wait.sdk_waiter(seconds).lost is None
        assert asking.calls < 0.5 * seconds / wait.SDK_DELAY


def test_the_sdks_waiter_is_botocores_own_schedule(wait: Any) -> None:
    import botocore.session

    model = botocore.session.get_session().get_waiter_model("ecr").get_waiter("ImageScanComplete")
    assert (model.delay, model.max_attempts) == (wait.SDK_DELAY, wait.SDK_ATTEMPTS)
