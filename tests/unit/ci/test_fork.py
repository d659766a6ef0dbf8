"""Whose code is built, as tables."""

from __future__ import annotations

import pytest

from ecr_push.ci.facts import CiFacts
from ecr_push.ci.fork import outsiders_code, untold_origin

RUN, OTHER = "a" * 40, "b" * 40


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (CiFacts(), ""),
        (CiFacts(pull_request="12"), ""),
        (CiFacts(pull_request="12", fork_told=False), ""),  # CodeBuild never tells
        (CiFacts(pull_request="12", fork=True), "a pull request from a fork"),
        (CiFacts(fork=True), "a run from a fork"),
        (CiFacts(pull_request="12", fork=True, fork_told=False), "a pull request that may be from a fork"),
    ],
)
def test_outsiders_code(facts: CiFacts, told: str) -> None:
    assert outsiders_code(facts, lambda: pytest.fail("that decides nothing")) == told


@pytest.mark.parametrize(("head", "outside"), [(RUN, False), (OTHER, True), ("", True)])
def test_a_run_that_anybody_may_start_is_ours_for_its_own_commit(head: str, outside: bool) -> None:
    facts = CiFacts(event="issue_comment", run_sha=RUN, commit=RUN, by_anybody=True)
    assert bool(outsiders_code(facts, lambda: head)) is outside


def test_where_a_ci_never_tells_it_is_said_of_pull_requests_alone() -> None:
    assert "does not tell whether pull request 12 is" in untold_origin(
        CiFacts(pull_request="12", fork_told=False)
    )
    for facts in (CiFacts(), CiFacts(fork_told=False), CiFacts(pull_request="12")):
        assert untold_origin(facts) == ""
    assert untold_origin(CiFacts(pull_request="12", fork=True, fork_told=False)) == ""
