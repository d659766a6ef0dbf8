from __future__ import annotations

import threading
import time

import pytest

from ecr_push.base.errors import Interrupted
from ecr_push.base.process import Stop
from ecr_push.cli.images.children import SKIPPED, Ended, Runs

NEEDS = {"base": (), "api": ("base",), "web": (), "job": ("api",)}
ORDER = ["base", "web", "api", "job"]


class Fake:
    """Runs that note when they begin and end. codes: of those that do not end well."""

    def __init__(self, **codes: int) -> None:
        self.codes = codes
        self.events: list[str] = []
        self.at_once = self.most = 0
        self._lock = threading.Lock()

    def run(self, name: str, stop: Stop) -> Ended:
        with self._lock:
            self.events.append(f"+{name}")
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        time.sleep(0)
        with self._lock:
            self.events.append(f"-{name}")
            self.at_once -= 1
        return Ended(name, self.codes.get(name, 0), {})


@pytest.mark.parametrize("jobs", [1, 2, 9])
def test_each_runs_once_behind_those_it_needs(jobs: int) -> None:
    fake = Fake()
    runs = Runs(ORDER, NEEDS, fake.run)
    runs.all(jobs)
    assert sorted(runs.ended) == sorted(ORDER) and len(fake.events) == 8
    at = fake.events.index
    assert at("-base") < at("+api") and at("-api") < at("+job")
    assert fake.most <= jobs


def test_a_failure_stops_those_that_need_it_and_no_other() -> None:
    fake = Fake(base=10)
    runs = Runs(ORDER, NEEDS, fake.run)
    runs.all(2)
    assert runs.ended["base"].code == 10 and runs.ended["web"].code == 0
    assert (runs.ended["api"].code, runs.ended["api"].skipped) == (SKIPPED, "base")
    assert (runs.ended["job"].code, runs.ended["job"].skipped) == (SKIPPED, "api")
    assert "+api" not in fake.events and "+job" not in fake.events


def test_an_interruption_ends_what_runs_and_begins_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, stopped = threading.Event(), threading.Event()
    monkeypatch.setattr(Stop, "now", lambda self: stopped.set())

    def run(name: str, stop: Stop) -> Ended:
        begun.set()
        assert stopped.wait(60)
        return Ended(name, 143, {})

    runs = Runs(ORDER, NEEDS, run)
    real = threading.Event.wait

    def interrupt(*arguments: object) -> None:
        real(begun, 60)
        raise Interrupted(2)

    monkeypatch.setattr("concurrent.futures.Future.result", interrupt)
    with pytest.raises(Interrupted):
        runs.all(1)
    assert stopped.is_set() and list(runs.ended) == ["base"] and runs.ended["base"].code == 143


def test_nothing_to_run() -> None:
    runs = Runs([], {}, Fake().run)
    runs.all(4)
    assert not runs.ended
