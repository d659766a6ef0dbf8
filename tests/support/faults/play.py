"""Plays a cell: the run with its fault, then the same command again without."""

from __future__ import annotations

import shutil

from tests.support.faults.cell import Cell
from tests.support.faults.judge import Violation, judge
from tests.support.faults.world import World


def play(cell: Cell, world: World) -> list[Violation] | None:
    """Its violations; None where the run has no such point."""
    cell.arrange(world)
    if cell.point:
        cell.point.arrange(world)
    expected = world.expected(cell.codes, removed=cell.removed, undone=cell.undone)
    run = world.start()
    if cell.point:
        point = cell.point
        if not run.reach(lambda: point.reached(world), point.name):
            ended = run.end()
            assert cell.rare and ended.code == 0, f"it ended before {point.name}:\n{ended.stderr}"
            return None
        cell.deed(world, run)
        if not cell.is_signal:
            world.calm()
            run.read_output()
    first = run.end()
    _repair(world)
    second = world.start().end()
    return judge(expected, first, second)


def _repair(world: World) -> None:
    """What was broken by the cell works again, as the owner of the pipeline would see to."""
    world.calm()
    world.options = ()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        world.environ[name] = world.sandbox.environment[name]
    world.environ.pop("DOCKER_HOST", None)
    moved = world.remote.with_name("moved.git")
    if moved.exists():
        shutil.move(moved, world.remote)
