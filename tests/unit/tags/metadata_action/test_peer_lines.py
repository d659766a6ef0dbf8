"""Lines that were written for docker/metadata-action, with odd fields: what it gives, and what we give."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from ecr_push.tags.metadata_action.flavor import parse_flavor
from ecr_push.tags.metadata_action.grammar import parse_rules
from ecr_push.tags.metadata_action.mistakes import RuleMistakes
from ecr_push.tags.metadata_action.render import RuleFacts, render_rules
from tests.support.tables import read_table

NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)
RUNS = {
    "branch": {"branch": "main", "event": "push"},
    "tag": {"tag": "v1.2.3", "event": "push"},
    "pull request": {"pull_request": "12", "event": "pull_request"},
}
CASES = read_table(Path(__file__).parent / "peer.tsv")


def outcome(run: str, rules: str, flavor: str) -> str:
    facts = RuleFacts(
        NOW, NOW, sha="860c1904a1ce19322e91ac35af1ab07466440c37", default_branch="main", **RUNS[run]
    )
    try:
        rendering = render_rules(parse_rules(rules), parse_flavor(flavor), facts, as_peer=True)
    except RuleMistakes as mistakes:
        return f"error: {mistakes}"
    return " ".join(tag.name for tag in rendering.tags)


@pytest.mark.parametrize("case", CASES, ids=lambda case: " | ".join(case[:3]))
def test_a_line_gives_what_it_gave_or_a_mistake(case: list[str]) -> None:
    run, rules, flavor, theirs, ours = case
    found = outcome(run, rules, flavor)
    if ours == "=":
        assert found == theirs
    elif ours.startswith("error: "):
        assert found.startswith("error: line ") and ours.removeprefix("error: ") in found
    else:
        assert found == ours != theirs


def test_what_the_action_refuses_is_refused_or_made_right() -> None:
    """No line that it can read is read otherwise: but for a mistake, or a tag that no registry takes."""
    others = [case for case in CASES if case[4] != "=" and not case[4].startswith("error")]
    assert all(
        theirs == "error" or theirs.startswith("-") or '"value=a,b"' in rules
        for _, rules, _, theirs, _ in others
    )


def test_a_repeated_attribute_is_warned_of() -> None:
    facts = RuleFacts(NOW, NOW, branch="main")
    (note,) = render_rules(parse_rules("x,suffix=-a,suffix=-b"), parse_flavor(""), facts).notes
    assert (note.tag, note.is_warning) == ("x-b", True)
    assert note.why == "the value; suffix= is given twice, and the last one counts"
