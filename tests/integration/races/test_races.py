"""A sample of the races; `make test-races` runs a hundred rounds of each."""

from __future__ import annotations

import sys

import pytest

from tests.support.races.rounds import Result, cells, play, table_of
from tests.support.races.stories import STORIES

SEED = "sample"
# Of four pipelines of one commit, three do what the slower one of two does.
SAMPLE = [story for story in STORIES if story != "one commit x4"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """All rounds side by side: what they wait for is their latency."""
    rounds = [(cell, 0) for story in SAMPLE for cell in cells([story])]
    played = play(rounds, SEED, tmp_path_factory.mktemp("races"))
    sys.stdout.write(table_of(played))  # which pytest shows if a test fails
    return {str(result.cell): result for result in played}


@pytest.mark.parametrize("cell", [str(cell) for cell in cells(SAMPLE)])
def test_no_promise_is_broken(results: dict[str, Result], cell: str) -> None:
    assert results[cell].broken == []


def test_every_race_was_played(results: dict[str, Result]) -> None:
    assert {results[str(cell)].rounds for cell in cells(SAMPLE)} == {1}
