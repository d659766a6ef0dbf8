from __future__ import annotations

import threading

import pytest

from ecr_push.base.background import all_of


def test_results_in_the_order_of_the_calls() -> None:
    assert all_of([lambda n=n: n * n for n in range(40)], "square", at_once=3) == [n * n for n in range(40)]  # type: ignore[misc]
    assert all_of([], "nothing") == []


def test_at_most_so_many_at_once() -> None:
    pair, lock = threading.Barrier(2, timeout=120), threading.Lock()
    under_way, most = 0, 0

    def call() -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        pair.wait()
        with lock:
            under_way -= 1

    all_of([call] * 6, "wait", at_once=2)
    assert most == 2


def test_after_an_error_none_begins_and_the_first_is_raised() -> None:
    began = []

    def call(number: int) -> None:
        began.append(number)
        if number == 1:
            raise ValueError("the second")

    with pytest.raises(ValueError, match="the second"):
        all_of([lambda n=n: call(n) for n in range(9)], "fail", at_once=1)  # type: ignore[misc]
    assert began == [0, 1]


def test_those_that_began_end_before_the_error_is_raised() -> None:
    began, failed, ended = threading.Event(), threading.Event(), []

    def fail() -> None:
        assert began.wait(120)
        failed.set()
        raise ValueError("first")

    def go_on() -> None:
        began.set()
        assert failed.wait(120)
        ended.append("second")

    with pytest.raises(ValueError, match="first"):
        all_of([fail, go_on], "fail")
    assert ended == ["second"]
