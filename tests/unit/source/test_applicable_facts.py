"""Which of the CI's facts apply to the checked-out commit, as tables."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ecr_push.ci.facts import CiFacts, Ref
from ecr_push.source.applicable_facts import applicable_branch, mismatch_notes
from ecr_push.source.git.checkout import Commit
from tests.support.ci import ci_facts

RUN, BASE, OTHER = "a" * 40, "b" * 40, "c" * 40
MAIN = Ref("main")


def commit(identity: str, *parents: str) -> Commit:
    return Commit(identity, parents, datetime(2026, 1, 1, tzinfo=timezone.utc), "Work\n")


BRANCHES = [
    # facts, the ref that applies, the local branch, whether it may be a fork's -> the branch
    (ci_facts(commit=RUN, branch="main"), MAIN, "work", False, "main"),
    (ci_facts(commit=RUN, branch="main"), Ref(), "work", False, "work"),  # the run is for another commit
    (ci_facts(commit=RUN, branch="main"), Ref(), "main", True, ""),  # a fork has a main, too
    (ci_facts(commit=RUN, branch="main", queued=True), Ref(), "queue", False, ""),
    (ci_facts(branch="main"), MAIN, "work", False, "work"),  # no commit is named: git knows better
    (ci_facts(branch="main"), MAIN, "", False, "main"),
    (ci_facts(user=MAIN), MAIN, "work", False, "main"),  # the user knows best
    (ci_facts(commit=RUN, branch="main", pull_request="12"), MAIN, "work", False, ""),
]


@pytest.mark.parametrize(("facts", "ref", "local", "fork", "expected"), BRANCHES)
def test_the_branch_that_applies(facts: CiFacts, ref: Ref, local: str, fork: bool, expected: str) -> None:
    assert applicable_branch(facts, ref, local, may_be_fork=fork) == expected


NOTES = [
    (ci_facts(commit=RUN, branch="main"), commit(RUN, BASE), ""),
    (ci_facts(commit=RUN, branch="main"), commit(OTHER, RUN), "name the branch with --branch"),
    (ci_facts(commit=RUN, branch="main", user=MAIN), commit(OTHER, RUN), ""),
    (ci_facts(commit=RUN, branch="main"), commit(OTHER, BASE), ""),  # another repository
    (
        ci_facts(commit=RUN, run_commit=BASE, pull_request="12", event="pull_request_target"),
        commit(BASE),
        "its base is checked out: the image has nothing of pull request 12",
    ),
]


@pytest.mark.parametrize(("facts", "built", "expected"), NOTES)
def test_what_a_user_is_notified_of(facts: CiFacts, built: Commit, expected: str) -> None:
    notes = mismatch_notes(facts, built)
    assert len(notes) == bool(expected) and all(expected in note for note in notes)
