from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.scan.pace import LAST_BRAKE_SECONDS, Pace

seeds = st.randoms(use_true_random=False)


def asked_at(pace: Pace, until: float) -> list[float]:
    """The times of the polls up to the first one after `until`."""
    times = [0.0]
    while times[-1] < until:
        pace.answered()
        times.append(times[-1] + pace.pause(times[-1]))
    return times


@given(seeds, st.floats(0, 3000))
def test_whenever_a_scan_is_done_little_is_lost(random: Random, done: float) -> None:
    *_, found = asked_at(Pace(0.0, random.uniform), done)
    assert found - done <= max(1.0, 0.05 * done)


@pytest.mark.parametrize(("seconds", "calls"), [(2, 7), (20, 26), (200, 75), (1200, 114)])
def test_calls(seconds: float, calls: int) -> None:
    """Few in the beginning, and ever fewer: half of what one every 5 s would be in 20 minutes."""
    earliest = Pace(0.0, lambda low, high: low)
    assert len(asked_at(earliest, seconds)) <= calls * 1.06
    assert len(asked_at(Pace(0.0, lambda low, high: (low + high) / 2), seconds)) <= calls


def test_the_calls_of_several_images_are_shared_out() -> None:
    one, three = Pace(0.0, lambda low, high: high), Pace(0.0, lambda low, high: high)
    assert three.pause(50.0, 3) == pytest.approx(3 * one.pause(50.0))


@given(seeds, st.integers(1, 40))
def test_refusals_slow_down_and_answers_speed_up_again(random: Random, refusals: int) -> None:
    pace = Pace(0.0, random.uniform)
    for _ in range(refusals):
        pace.refused()
    braked = pace.pause(0.0)
    assert 0.5 * min(2**refusals, LAST_BRAKE_SECONDS) <= braked <= 1.5 * LAST_BRAKE_SECONDS
    for _ in range(20):
        pace.answered()
    assert pace.pause(0.0) <= 1.0


def test_a_scan_that_has_just_begun_is_asked_for_often_again() -> None:
    pace = Pace(0.0)
    assert pace.pause(600.0) > 20
    pace.restart(600.0)
    assert pace.pause(600.0) <= 0.25


@given(seeds, st.floats(0, 4000))
def test_who_listens_looks_rarely(random: Random, now: float) -> None:
    assert Pace(0.0, random.uniform).look(now) >= max(24.0, 0.2 * now)
    assert Pace(0.0, random.uniform).crowded(now) <= 5.0
