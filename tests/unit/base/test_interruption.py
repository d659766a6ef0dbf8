"""An interruption comes once what was made can be undone, and only in the main thread."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from ecr_push.base import interruption
from ecr_push.base.errors import Interrupted


@pytest.fixture(autouse=True)
def _handled() -> Iterator[None]:
    def handler(number: int, frame: object) -> None:
        interruption.interrupt(Interrupted(signal.Signals(number)))

    before = signal.signal(signal.SIGTERM, handler)
    yield
    signal.signal(signal.SIGTERM, before)


def test_without_a_hold_it_comes_at_once() -> None:
    with pytest.raises(Interrupted):
        signal.raise_signal(signal.SIGTERM)


def test_it_waits_until_what_was_made_can_be_undone() -> None:
    steps = []
    with pytest.raises(Interrupted), interruption.held() as let_go:
        signal.raise_signal(signal.SIGTERM)
        steps.append("made")
        try:
            let_go()
            steps.append("used")
        finally:
            steps.append("undone")
    assert steps == ["made", "undone"]
    with interruption.held():
        pass  # it came once


def test_it_comes_at_the_end_of_a_hold_that_was_never_let_go() -> None:
    steps = []
    with pytest.raises(Interrupted), interruption.held():
        signal.raise_signal(signal.SIGTERM)
        steps.append("all of it")
    assert steps == ["all of it"]


def test_holds_within_holds() -> None:
    steps = []
    with pytest.raises(Interrupted), interruption.held():
        with interruption.held() as let_go:
            signal.raise_signal(signal.SIGTERM)
            let_go()
            steps.append("inner")
        steps.append("outer")
    assert steps == ["inner", "outer"]


def test_after_it_was_let_go_it_comes_at_once() -> None:
    with interruption.held() as let_go:
        let_go()
        with pytest.raises(Interrupted):
            signal.raise_signal(signal.SIGTERM)


def test_another_thread_does_not_keep_the_main_thread_from_it() -> None:
    inside, over = threading.Event(), threading.Event()

    def hold() -> None:
        with interruption.held():
            inside.set()
            over.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(60)
    try:
        with pytest.raises(Interrupted):
            signal.raise_signal(signal.SIGTERM)
    finally:
        over.set()
        thread.join()
