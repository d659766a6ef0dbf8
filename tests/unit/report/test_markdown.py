from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from ecr_push.base.errors import BuildError
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import STATUSES
from ecr_push.policy.verdict import RuleResult
from ecr_push.report import markdown
from tests.support.outcomes import ACCEPTED, AMD, OUTCOMES, PLATFORMS, REFUSED, many, with_facts


@pytest.mark.parametrize("limit", [1_000, 4_000, 20_000, 65_536, 1024 * 1024])
def test_it_keeps_within_the_limit_and_keeps_the_verdict(limit: int) -> None:
    text = markdown.render(many(5_000, 2_000), limit)
    assert len(text.encode()) <= limit
    assert text.startswith("## ❌ Refused: `team/app`")
    assert "**broken**" in text
    if limit >= 4_000:
        assert "| CRITICAL" in text.split("### What to fix first")[1], "the worst findings come first"
        assert "more findings: with --report report.html a file has all of them" in text


def test_what_is_cut_is_counted() -> None:
    found = many(5_000, 2_000)
    assert "… and 1,900 more findings: with --report report.html a file has" in markdown.render(found)
    written = with_facts(found, reports=(("markdown", "r.md"), ("html", "r.html"), ("html", "later.html")))
    assert "… and 1,900 more findings: r.html has all of them." in markdown.render(written)
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
    assert "- update openssl to 3.0.11: fixes 1 CRITICAL, 1 HIGH" in text
    assert "<summary>1 excepted</summary>" in text
    assert "**run**: [this run](<https://ci.example/run/7>), started by `kim`" in text
    assert "| on |" not in text, "one platform: nothing to say"
    several = markdown.render(PLATFORMS)
    assert "| linux/arm64 |" in several and "| all |" in several
    assert f"`{AMD}`" in several


def test_a_comment_is_as_long_as_a_comment_may_be() -> None:
    assert len(markdown.render_comment(many(5_000, 2_000))) <= 65_536


def test_a_candidate_that_is_kept_is_named() -> None:
    assert REFUSED.pushed and REFUSED.candidate
    line = f"To inspect the image: `{REFUSED.pushed.repository.tagged(REFUSED.candidate)}`"
    assert line in markdown.render(REFUSED)
    assert "To inspect" not in markdown.render(ACCEPTED)


@pytest.mark.parametrize("ending", OUTCOMES)
def test_no_table_has_a_column_without_a_name(ending: str) -> None:
    lines = markdown.render(OUTCOMES[ending]).splitlines()
    heads = [line for line, below in pairwise(lines) if below.startswith("|--")]
    assert heads or ending not in ("accepted", "refused")
    assert not [one for one in heads if any(not cell.strip() for cell in one.strip("|").split("|"))]


@pytest.mark.parametrize("status", STATUSES)
def test_every_result_has_a_sign(status: str) -> None:
    assert markdown.ICONS[status]
