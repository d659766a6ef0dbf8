"""Phases, faults and signals: nothing is lost, doubled, unjudged or moved back, and the re-run converges.

A sample of the cells here, all of them with `--faults all`: `make test-faults`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.faults.cell import Cell
from tests.support.faults.cells import CELLS, SAMPLE
from tests.support.faults.play import play
from tests.support.faults.world import Template, world_of


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    cells = CELLS if metafunc.config.getoption("faults") == "all" else SAMPLE
    metafunc.parametrize("cell", cells, ids=lambda cell: cell.name)


def test_cell(
    cell: Cell, template: Template, tmp_path: Path, client_path: str, record_property: pytest.Function
) -> None:
    with world_of(template, tmp_path / "cell", clients=client_path) as world:
        violations = play(cell, world)
    if violations is None:
        pytest.skip("the run has no such point")
    shown = [(one.kind, one.what) for one in violations]
    record_property(
        "fault matrix", json.dumps({"phase": cell.phase, "fault": cell.fault, "violations": shown})
    )
    assert not shown
