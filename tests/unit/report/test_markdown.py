from __future__ import annotations

from dataclasses import replace

import pytest

from ecr_push.base.errors import BuildError
from ecr_push.pipeline.failure import Failure
from ecr_push.policy.verdict import RuleResult
from ecr_push.report import markdown
from tests.support.outcomes import ACCEPTED, AMD, OUTCOMES, PLATFORMS, REFUSED, many


@pytest.mark.parametrize("limit", [1_000, 4_000, 20_000, 65_536, 1024 * 1024])
def test_it_keeps_within_the_limit_and_keeps_the_verdict(limit: int) -> None:
    text = markdown.render(many(5_000, 2_000), limit)
    assert len(text.encode()) <= limit
    assert text.startswith("## Refused: `team/app`")
    assert "**broken**" in text
    if limit >= 4_000:
        assert "| CRITICAL" in text.split("### What to fix first")[1], "the worst findings come first"
        assert "more findings: see the result document" in text


def test_what_is_cut_is_counted() -> None:
    assert "… and 1,900 more findings: see the result document." in markdown.render(many(5_000, 2_000))
    text = markdown.render(many(5_000, 2_000), 16_000)
    shown = text.split("### What to fix first")[1].count("\n| CRITICAL") + text.count("\n| HIGH")
    assert 10 < shown < 100
    assert f"… and {2_000 - shown:,} more findings" in text


def test_broken_rules_stand_before_kept_ones() -> None:
    assert REFUSED.verdict
    rules = [RuleResult(f"rule {count}", "", 0, count % 2, ()) for count in range(300)]
    text = markdown.render(replace(REFUSED, verdict=replace(REFUSED.verdict, rules=tuple(rules))), 20_000)
    assert text.count("**broken**") == 100
    assert "… and 200 more rules" in text


def test_a_builders_last_lines_are_kept() -> None:
    why = "\n".join(f"step {count}" for count in range(10_000))
    failure = Failure.of(BuildError("the build failed", why=why), "build")
    text = markdown.render(replace(OUTCOMES["build failed"], failure=failure))
    assert "step 9999\n```" in text
    assert "step 1000\n" not in text


def test_what_to_update_what_was_left_out_and_where() -> None:
    text = markdown.render(REFUSED)
    assert "- `openssl` to `3.0.11`: fixes 1 CRITICAL, 1 HIGH" in text
    assert "<summary>1 excepted</summary>" in text
    assert "[`kim`](<https://ci.example/run/7>)" in text
    assert "| on |" not in text.split("### What to fix first")[1], "one platform: nothing to tell"
    several = markdown.render(PLATFORMS)
    assert "| linux/arm64 |" in several and "| all |" in several
    assert f"`{AMD}`" in several


def test_a_comment_is_as_long_as_a_comment_may_be() -> None:
    assert len(markdown.render_comment(many(5_000, 2_000))) <= 65_536


def test_a_candidate_that_is_kept_is_named() -> None:
    assert REFUSED.pushed and REFUSED.candidate
    row = f"| to inspect | `{REFUSED.pushed.repository.tagged(REFUSED.candidate)}` |"
    assert row in markdown.render(REFUSED)
    assert "to inspect" not in markdown.render(ACCEPTED)
