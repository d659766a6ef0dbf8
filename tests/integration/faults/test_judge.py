"""The matrix notices what it is there for: a stand-in breaks each promise once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.faults import planted
from tests.support.faults.judge import KINDS, Kind, judge
from tests.support.faults.world import Template, world_of

PLANTED: dict[str, set[Kind]] = {
    "honest": set(),
    "lost": {"lost", "doubled"},  # nor are the tags on it
    "deletes_the_earlier_release": {"lost", "moved back", "unjudged"},
    "doubled": {"doubled", "unjudged"},
    "silent_candidate": {"doubled"},
    "unjudged": {"unjudged"},
    "git_tag_first": {"unjudged"},
    "attests_twice": {"doubled"},
    "attests_nothing": {"half"},
    "lacks_a_copy": {"half", "doubled"},
    "moved_back": {"moved back"},
    "ahead": {"moved back"},
    "wrong_exit": {"wrong exit"},
    "no_document": {"wrong exit"},
    "leaves_a_file": {"leftover"},
    "leaves_a_token": {"leftover"},
    "leaves_a_process": {"leftover"},
    "changes_the_checkout": {"leftover"},
}


@pytest.mark.parametrize("misdeed", PLANTED)
def test_a_planted_violation_is_counted(misdeed: str, template: Template, tmp_path: Path) -> None:
    program = (sys.executable, planted.__file__)
    with world_of(template, tmp_path / "cell", (*program, misdeed)) as world:
        world.state_verdicts()
        if misdeed == "lacks_a_copy":
            world.give_to_another()
        expected = world.expected([0, 4])
        first = world.start().end(children_seconds=2.0)
        world.program = (*program, "honest")
        second = world.start().end()
        found = {one.kind for one in judge(expected, first, second)}
    assert found >= PLANTED[misdeed], found
    if misdeed == "honest":
        assert not found


def test_each_count_has_a_planted_violation() -> None:
    assert set().union(*PLANTED.values()) == set(KINDS)
