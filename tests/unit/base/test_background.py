from __future__ import annotations

import threading

import pytest

from ecr_push.base import background
from ecr_push.base.background import all_of, all_within


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


def test_what_is_late_is_not_waited_for_and_after_it_none_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    is_late, goes_on, ended, began = threading.Event(), threading.Event(), threading.Event(), []

    def call(number: int) -> int:
        began.append(number)
        if number == 1:
            is_late.set()
            goes_on.wait(120)
            ended.set()
        return number

    monkeypatch.setattr(background, "wait", lambda futures, seconds: is_late.wait(seconds))
    calls = [lambda n=n: call(n) for n in range(4)]  # type: ignore[misc]
    assert all_within(120, calls, "answer", at_once=1) == [0, None, None, None]
    goes_on.set()
    assert ended.wait(120)
    assert began == [0, 1]


def test_after_an_interrupted_wait_none_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    first, goes_on, began = threading.Event(), threading.Event(), []

    def call(number: int) -> None:
        began.append(number)
        first.set()
        goes_on.wait(120)

    def interrupted(futures: object, seconds: float) -> None:
        first.wait(seconds)
        raise KeyboardInterrupt

    crews: list[background._Crew[None]] = []
    made = background._Crew.__init__

    def keep(crew: background._Crew[None], *given: object) -> None:
        made(crew, *given)  # type: ignore[arg-type]
        crews.append(crew)

    monkeypatch.setattr(background, "wait", interrupted)
    monkeypatch.setattr(background._Crew, "__init__", keep)
    with pytest.raises(KeyboardInterrupt):
        all_within(120, [lambda n=n: call(n) for n in range(3)], "answer", at_once=1)  # type: ignore[misc]
    goes_on.set()
    for worker in crews[0].workers:
        worker.result(120)
    assert began == [0]


def test_an_error_is_raised_and_not_waited_with() -> None:
    def fail() -> None:
        raise ValueError("no answer")

    with pytest.raises(ValueError, match="no answer"):
        all_within(120, [fail, fail, fail], "fail", at_once=1)
    assert all_within(120, [lambda: 1, lambda: 2], "answer") == [1, 2]
    assert all_within(120, [], "nothing") == []
