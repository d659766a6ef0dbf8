"""Quotas: how many requests of an action pass in a second."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.sandbox.faults import Faults
from ecr_push.sandbox.quotas import PUBLISHED, Quotas
from ecr_push.sandbox.scenario import ScenarioError, parse_scenario


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def passed(quotas: Quotas, times: int, operation: str = "PutImage") -> int:
    return sum(quotas.take(operation) for _ in range(times))


def test_so_many_pass_in_a_second() -> None:
    clock = Clock()
    quotas = Quotas({"PutImage": 10}, clock)
    assert passed(quotas, 15) == 10
    clock.now += 0.5
    assert passed(quotas, 15) == 5
    clock.now += 60
    assert passed(quotas, 15) == 10
    assert passed(quotas, 100, "DescribeImages") == 100


def test_both_planes_have_one_quota() -> None:
    quotas = Quotas({"PutImage": 2}, Clock())
    assert [quotas.take("PutManifest"), quotas.take("PutImage"), quotas.take("PutManifest")] == [
        True,
        True,
        False,
    ]


@given(st.integers(1, 50), st.lists(st.floats(-1, 3), max_size=60))
def test_no_window_has_more_than_a_bucket_and_what_flows_in(rate: int, waits: list[float]) -> None:
    """Whatever the waits, a clock that is set back included."""
    clock = Clock()
    quotas = Quotas({"PutImage": rate}, clock)
    elapsed, seen = 0.0, 0
    for wait in waits:
        clock.now += wait
        elapsed += max(wait, 0.0)
        seen += passed(quotas, 3)
    assert seen <= rate + elapsed * rate + 1e-6


def test_a_request_beyond_is_refused_in_its_own_protocol() -> None:
    faults = Faults(
        parse_scenario("{quotas: {PutImage: 1}, faults: [{operation: PutImage, error: X}]}"), Clock()
    )
    api = [faults.decide("api", "PutImage") for _ in range(3)]
    assert [(it.status, it.code, it.message) for it in api] == [
        (400, "X", "ordered by the scenario"),  # a fault's own answer takes nothing of the quota
        (None, None, ""),
        (400, "ThrottlingException", "Rate exceeded"),
    ]
    v2 = faults.decide("v2", "PutManifest")
    assert (v2.status, v2.code, v2.message) == (429, "TOOMANYREQUESTS", "Rate exceeded")
    assert faults.decide("v2", "GetManifest").status is None


def test_the_published_quotas() -> None:
    assert parse_scenario("quotas: ecr").quotas == PUBLISHED
    assert PUBLISHED["PutImage"] == min(PUBLISHED.values()) == 10


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "quotas: {PutImages: 1}",
            "quotas is not an operation of api: 'PutImages'; did you mean 'PutImage'?",
        ),
        ("quotas: {PutImage: fast}", "quotas.PutImage is 'fast': expected a number of requests"),
        ("quotas: aws", "quotas is 'aws': expected `ecr`, or requests in a second by action"),
    ],
)
def test_a_wrong_quota(text: str, problem: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text)
    assert problem in str(caught.value)
