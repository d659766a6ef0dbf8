"""Whose code is built, as tables."""

from __future__ import annotations

import pytest

from ecr_push.ci.detect import read_facts
from ecr_push.ci.facts import CiFacts
from ecr_push.ci.options import CiOptions
from ecr_push.ci.overrides import apply_overrides
from ecr_push.source.trust import fork_code, unreported_origin_note
from tests.support.ci import ci_facts

RUN, OTHER = "a" * 40, "b" * 40
UNKNOWN_CI = apply_overrides(read_facts({"CI": "true", "CIRCLECI": "true"}), CiOptions(pull_request="12"))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (ci_facts(), ""),
        (ci_facts(pull_request="12"), ""),  # CodeBuild never says
        (ci_facts(pull_request="12", origin="own"), ""),
        (ci_facts(pull_request="12", origin="fork"), "a pull request from a fork"),
        (ci_facts(origin="fork"), "a run from a fork"),
        (ci_facts(pull_request="12", origin="maybe fork"), "a pull request that may be from a fork"),
    ],
)
def test_what_counts_as_a_forks_code(facts: CiFacts, expected: str) -> None:
    assert fork_code(facts, lambda: pytest.fail("that decides nothing")) == expected


@pytest.mark.parametrize(("head", "outside"), [(RUN, False), (OTHER, True), ("", True)])
def test_a_run_that_anyone_may_start_is_ours_for_its_own_commit(head: str, outside: bool) -> None:
    facts = ci_facts(
        event="issue_comment", run_commit=RUN, trusted_commit=RUN, commit=RUN, anyone_can_start=True
    )
    assert bool(fork_code(facts, lambda: head)) is outside
    overridden = apply_overrides(facts, CiOptions(commit=OTHER))
    assert bool(fork_code(overridden, lambda: head)) is outside, "--commit does not say whose it is"


def test_where_no_commit_is_ours_none_is() -> None:
    """A deployment by a commit's id, and a checkout that is none: nothing is equal to nothing."""
    facts = ci_facts(event="deployment", run_commit=RUN, commit=RUN, anyone_can_start=True)
    assert fork_code(facts, lambda: "") and fork_code(facts, lambda: RUN)
    assert "that the event deployment does not name" in fork_code(facts, lambda: RUN)
    eventless = ci_facts(anyone_can_start=True, trusted_commit=OTHER)
    assert "that the run's event does not name" in fork_code(eventless, lambda: RUN)
    left_over = ci_facts("github", anyone_can_start=True)  # GITHUB_ACTIONS alone
    assert "outside of a CI, unset its variables" in fork_code(left_over, lambda: RUN)


def test_where_a_ci_never_says_there_is_a_note_for_pull_requests_alone() -> None:
    for ci in (ci_facts("codebuild", pull_request="12"), UNKNOWN_CI):
        assert "does not report whether pull request 12 is" in unreported_origin_note(ci)
    quiet = (
        ci_facts("codebuild"),
        ci_facts("github", pull_request="12", origin="own"),
        ci_facts("github", pull_request="12", origin="maybe fork"),
        ci_facts(pull_request="12"),  # a laptop
    )
    assert not any(map(unreported_origin_note, quiet))
