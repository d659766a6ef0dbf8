"""Rules and facts -> tags, as a table: all that docker/metadata-action is tested with, and more.

The expected tags were read from the action's own code at work. `cases.tsv` has a case a line; its last column
holds what the action gives where we give something else on purpose. All other rows hold both ways.
"""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from ecr_push.tags.metadata_action.flavor import parse_flavor
from ecr_push.tags.metadata_action.grammar import parse_rules
from ecr_push.tags.metadata_action.render import RuleFacts, render_rules
from tests.support.tables import read_table

NOW = datetime(2020, 1, 10, 0, 30, tzinfo=timezone.utc)
COMMITTED = datetime(2019, 5, 6, 7, 8, 9, tzinfo=timezone.utc)

FOLDER = Path(__file__).parent


RUNS = {name: dict(fact.split("=", 1) for fact in facts) for name, *facts in read_table(FOLDER / "runs.tsv")}
CASES = read_table(FOLDER / "cases.tsv")


def lines(text: str) -> str:
    return text.replace(" ; ", "\n")


def tags(run: str, rules: str, flavor: str, *, as_peer: bool) -> str:
    facts = RuleFacts(NOW, COMMITTED, **{"default_branch": "master", **RUNS[run]})
    rendering = render_rules(parse_rules(lines(rules)), parse_flavor(lines(flavor)), facts, as_peer=as_peer)
    names = [tag.name for tag in rendering.tags]
    assert rendering.main == (names[0] if names else "")
    assert len(rendering.notes) == len(parse_rules(lines(rules)))
    return " ".join(names)


@pytest.mark.parametrize("case", CASES)
def test_tags(case: list[str]) -> None:
    run, rules, flavor, ours, *_ = case
    assert tags(run, rules, flavor, as_peer=False) == ours


@pytest.mark.parametrize("case", CASES)
def test_tags_as_the_action_gives_them(case: list[str]) -> None:
    run, rules, flavor, *expected = case
    assert tags(run, rules, flavor, as_peer=True) == expected[-1]


def test_only_what_differs_on_purpose_differs() -> None:
    different = [case for case in CASES if len(case) == 5]
    assert 5 < len(different) < 15
    assert all(ours != theirs for *_, ours, theirs in different)
    assert {len(case) for case in CASES} == {4, 5}
