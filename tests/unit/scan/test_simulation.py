"""benchmarks/fleet.py, held: in a fleet on one account, everyone gets an answer, and listening spares ECR.

Here with 200 pipelines and a tenth of the quota; `benchmarks/wait.py --check` holds 2,000 to the same.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.benchmarks import benchmark

fleet, wait = benchmark("fleet"), benchmark("wait")
TENTH: dict[str, Any] = {"pipelines": 200, "describe_rate": 5.0, "describe_burst": 10.0}


def test_pipelines_that_ask_far_beyond_the_quota_all_get_their_answer() -> None:
    result = fleet.simulate(fleet.Fleet(**TENTH))
    assert wait.all_answered(result, 200)
    assert result.throttled  # else this would show nothing


def test_pipelines_that_listen_stay_below_it() -> None:
    result = fleet.simulate(fleet.Fleet(**TENTH, listens=True))
    assert wait.all_answered(result, 200)
    assert wait.spares_ecr(result, 200)


@pytest.mark.parametrize("lost", [0.0, 0.5, 1.0])
def test_however_many_events_are_lost(lost: float) -> None:
    result = fleet.simulate(fleet.Fleet(pipelines=100, listens=True, lost=lost))
    assert (len(result.delays), result.failures) == (100, [])


def test_one_queue_for_all_is_slower_and_still_an_answer_for_everyone() -> None:
    shared = fleet.simulate(fleet.Fleet(pipelines=100, listens=True, repositories_a_queue=100))
    assert (len(shared.delays), shared.failures) == (100, [])
    apart = fleet.simulate(fleet.Fleet(pipelines=100, listens=True))
    assert shared.delay(0.5) > apart.delay(0.5)


@pytest.mark.parametrize("seconds", [2.0, 20.0, 200.0, 1200.0])
def test_one_scan_against_the_waiter_of_the_sdk(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "ROUNDS", 5)
    asking, listening = (wait.ours(seconds, listens=listens) for listens in (False, True))
    assert asking.lost <= max(1.0, 0.05 * seconds)
    assert listening.calls <= 20
    if seconds > 300:  # far fewer calls than one every five seconds, and an answer at all
        assert wait.sdk_waiter(seconds).lost is None
        assert asking.calls < 0.5 * seconds / wait.SDK_DELAY


def test_the_sdks_waiter_is_botocores_own_schedule() -> None:
    import botocore.session

    model = botocore.session.get_session().get_waiter_model("ecr").get_waiter("ImageScanComplete")
    assert (model.delay, model.max_attempts) == (wait.SDK_DELAY, wait.SDK_ATTEMPTS)
