"""The matrix's own fixtures, and its table at the end."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests.support.faults.judge import KINDS
from tests.support.faults.world import Template

PROPERTY = "fault matrix"


@pytest.fixture(scope="session")
def template(engine: None, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """One for each worker: an earlier release by a real run."""
    return Template.made_in(tmp_path_factory.mktemp("faults") / "template")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [*terminalreporter.stats.get("passed", ()), *terminalreporter.stats.get("failed", ())]
    played = [json.loads(text) for one in reports for name, text in one.user_properties if name == PROPERTY]
    if not played:
        return
    write = terminalreporter.write_line
    terminalreporter.section("fault matrix")
    for phase in dict.fromkeys(cell["phase"] for cell in played):
        of_phase = [cell for cell in played if cell["phase"] == phase]
        held = sum(not cell["violations"] for cell in of_phase)
        write(f"{phase:<9} {len(of_phase):>3} cells, {held:>3} held")
        for cell in of_phase:
            for kind, what in cell["violations"]:
                write(f"  {cell['fault']}: {kind}: {what}")
    counts = Counter(kind for cell in played for kind, _ in cell["violations"])
    write(f"{len(played)} cells: " + ", ".join(f"{kind} {counts[kind]}" for kind in KINDS))
