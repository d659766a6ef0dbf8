"""Which rule takes what a run releases, by its tags alone."""

from __future__ import annotations

import pytest

from ecr_push.upkeep.lifecycle.claim import rule_that_takes
from ecr_push.upkeep.lifecycle.sentences import sentence_of
from ecr_push.upkeep.lifecycle.text import read_policy_text

TAGS = ("sha-4f1e2d3c4b5a", "1.4.2", "1.4", "latest")
NEEDED = TAGS[1:]


@pytest.mark.parametrize(
    ("policy", "taken"),
    [
        ("expire sha-* after 30 days", "expire sha-* after 30 days"),
        ("keep last 20 of *.*.*\nexpire sha-* after 30 days", ""),
        ("keep latest\nexpire sha-* after 30 days", ""),
        ("expire untagged after 1 day\nexpire candidate-* after 3 days", ""),
        ("keep last 10 of sha-*", "keep last 10 of sha-*"),
        ("keep last 100 of any", ""),
        ("expire any after 365 days", "expire any after 365 days"),
        ("archive any not pulled for 90 days", "archive any not pulled for 90 days"),
        ("expire 1.* after 900 days", ""),
        ("expire sha-* and main after 9 days\nexpire sha-* and 1.* after 9 days", ""),
        ("expire archived any after 90 days\nexpire sha-* after 9 days", "expire sha-* after 9 days"),
    ],
)
def test_the_first_rule_that_selects_it_decides(policy: str, taken: str) -> None:
    found = rule_that_takes(read_policy_text(policy), TAGS, NEEDED)
    assert (sentence_of(found) if found else "") == taken
