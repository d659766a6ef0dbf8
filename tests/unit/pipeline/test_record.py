"""The record of a run: what its outcome waits for."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ecr_push.base.errors import BuildError, Interrupted
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.record import Record
from ecr_push.settings.declare import Settings
from tests.support.fakes import FakeRepository
from tests.support.stories import Story


def of_story(folder: Path) -> Record:
    records: list[Record] = []

    def take(settings: Settings, facts: object, tools: Tools, record: Record) -> None:
        records.append(record)

    Story(folder, FakeRepository()).run(take)
    return records[0]


@pytest.mark.parametrize("ended_by", [None, BuildError("the build failed")])
def test_the_outcome_has_what_was_started_however_the_run_ends(
    tmp_path: Path, ended_by: BuildError | None
) -> None:
    record, at_the_end = of_story(tmp_path), threading.Event()

    def note() -> None:
        at_the_end.wait(60)
        record.note(size=7)

    try:
        with record.settled():
            record.start(note, "note")
            threading.Timer(0.1, at_the_end.set).start()  # when the wait has begun
            if ended_by:
                raise ended_by
    except BuildError as error:
        assert error is ended_by
    assert record.outcome.size == 7


def test_an_interruption_waits_for_nothing(tmp_path: Path) -> None:
    record, never = of_story(tmp_path), threading.Event()
    with pytest.raises(Interrupted), record.settled():
        record.start(lambda: never.wait(60), "hang")
        raise Interrupted(15)
    assert not never.is_set() and [one.name for one in threading.enumerate()].count("hang") == 1
    never.set()


def test_what_hangs_does_not_keep_the_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecr_push.pipeline.record._SETTLED_WITHIN", 0.05)
    record, never = of_story(tmp_path), threading.Event()
    with record.settled():
        record.start(lambda: never.wait(60), "never ends")
    assert not never.is_set()
    never.set()
