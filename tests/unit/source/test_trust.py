"""Whose code is built, as tables."""

from __future__ import annotations

import pytest

from ecr_push.ci.detect import read_facts
from ecr_push.ci.facts import CiFacts
from ecr_push.ci.options import CiOptions
from ecr_push.settings.ci_overrides import apply_overrides
from ecr_push.source.trust import outsiders_code, untold_origin

RUN, OTHER = "a" * 40, "b" * 40
UNKNOWN_CI = apply_overrides(read_facts({"CI": "true", "CIRCLECI": "true"}), CiOptions(pull_request="12"))


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (CiFacts(), ""),
        (CiFacts(pull_request="12"), ""),  # CodeBuild never tells
        (CiFacts(pull_request="12", fork_told=True), ""),
        (CiFacts(pull_request="12", fork=True, fork_told=True), "a pull request from a fork"),
        (CiFacts(fork=True, fork_told=True), "a run from a fork"),
        (CiFacts(pull_request="12", fork=True), "a pull request that may be from a fork"),
    ],
)
def test_outsiders_code(facts: CiFacts, told: str) -> None:
    assert outsiders_code(facts, lambda: pytest.fail("that decides nothing")) == told


@pytest.mark.parametrize(("head", "outside"), [(RUN, False), (OTHER, True), ("", True)])
def test_a_run_that_anybody_may_start_is_ours_for_its_own_commit(head: str, outside: bool) -> None:
    facts = CiFacts(event="issue_comment", run_sha=RUN, own_sha=RUN, commit=RUN, by_anybody=True)
    assert bool(outsiders_code(facts, lambda: head)) is outside
    said = apply_overrides(facts, CiOptions(commit=OTHER))
    assert bool(outsiders_code(said, lambda: head)) is outside, "--commit is no word on whose it is"


def test_where_no_commit_is_ours_none_is() -> None:
    """A deployment by a commit's id, and a checkout that is none: nothing is equal to nothing."""
    facts = CiFacts(event="deployment", run_sha=RUN, commit=RUN, by_anybody=True)
    assert outsiders_code(facts, lambda: "") and outsiders_code(facts, lambda: RUN)
    assert "that the event deployment does not name" in outsiders_code(facts, lambda: RUN)
    nameless = CiFacts(by_anybody=True)
    assert "that the run's event does not name" in outsiders_code(nameless, lambda: RUN)


def test_where_a_ci_never_tells_it_is_said_of_pull_requests_alone() -> None:
    for ci in (CiFacts(provider="codebuild", pull_request="12"), UNKNOWN_CI):
        assert "does not tell whether pull request 12 is" in untold_origin(ci)
    quiet = (
        CiFacts(provider="codebuild"),
        CiFacts(provider="github", pull_request="12", fork_told=True),
        CiFacts(provider="github", pull_request="12", fork=True),
        CiFacts(pull_request="12"),  # a laptop
    )
    assert not any(map(untold_origin, quiet))
