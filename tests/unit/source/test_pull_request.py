"""Whose commit is meant, as a table: what a CI says and what stands in the work tree."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ecr_push.ci.facts import CiFacts, Ref
from ecr_push.source.git.checkout import Commit
from ecr_push.source.pull_request import describes_commit, is_base_of_pull_request, meant_commit
from tests.support.ci import ci_facts

MERGE, HEAD, BASE, OTHER = ("a" * 40, "b" * 40, "c" * 40, "d" * 40)


def commit(*parents: str, message: str = "Work\n", identity: str = MERGE) -> Commit:
    return Commit(identity, parents, datetime(2026, 1, 1, tzinfo=timezone.utc), message)


def run(
    commit: str, run_commit: str, *, number: str = "12", event: str = "pull_request", user: Ref | None = None
) -> CiFacts:
    return ci_facts(user=user, commit=commit, run_commit=run_commit, pull_request=number, event=event)


def run_with_option(commit: str, event: str) -> CiFacts:
    """A run for a branch, of which the user says that it is for pull request 12."""
    return run(commit, commit, number="", event=event, user=Ref(pull_request="12", event="pull_request"))


BY_GITHUB = f"Merge {HEAD} into {BASE}\n"
BY_JENKINS = f"Merge commit '{BASE}' into HEAD\n"

MEANT = {
    "GitHub's merge, the head from the event": (
        run(HEAD, MERGE),
        commit(BASE, HEAD, message=BY_GITHUB),
        HEAD,
    ),
    "GitHub's merge without an event file": (run(MERGE, MERGE), commit(BASE, HEAD, message=BY_GITHUB), HEAD),
    "GitHub's merge of a newer head": (run(OTHER, MERGE), commit(BASE, HEAD, message=BY_GITHUB), HEAD),
    "the job merged the base itself": (run(HEAD, OTHER), commit(HEAD, BASE, message="whatever\n"), HEAD),
    "GitLab's merged result": (run(HEAD, MERGE), commit(BASE, HEAD, message="Merge branch 'x'\n"), HEAD),
    "Jenkins' own merge": (run(MERGE, MERGE), commit(HEAD, BASE, message=BY_JENKINS), HEAD),
    "Jenkins' own merge, and no GIT_COMMIT": (run("", ""), commit(HEAD, BASE, message=BY_JENKINS), HEAD),
    "a comment's run, and the pull request is said": (
        run_with_option(BASE, "issue_comment"),
        commit(BASE, HEAD, message=BY_GITHUB),
        HEAD,
    ),
    "a run of the base, and a merge that says nothing": (
        run_with_option(BASE, "workflow_dispatch"),
        commit(BASE, HEAD, message="Merge\n"),
        MERGE,
    ),
    "Jenkins builds the head": (run(MERGE, MERGE), commit(BASE), MERGE),
    "the head is checked out": (run(MERGE, OTHER), commit(BASE), MERGE),
    "the head merged the base": (run(MERGE, OTHER), commit(HEAD, BASE, message=BY_JENKINS), MERGE),
    "the head merged a branch": (
        run(MERGE, MERGE),
        commit(HEAD, BASE, message="Merge branch 'main'\n"),
        MERGE,
    ),
    "a message with other parents": (run(MERGE, MERGE), commit(HEAD, OTHER, message=BY_JENKINS), MERGE),
    "a message the wrong way round": (run(MERGE, MERGE), commit(HEAD, BASE, message=BY_GITHUB), MERGE),
    "a message that says more": (
        run(MERGE, MERGE),
        commit(BASE, HEAD, message=f"{BY_GITHUB}and more"),
        MERGE,
    ),
    "no pull request": (run(HEAD, MERGE, number="", event="push"), commit(BASE, HEAD), MERGE),
    "the job committed on the head": (run(HEAD, OTHER), commit(HEAD), MERGE),
    "an octopus": (run(HEAD, MERGE), commit(BASE, HEAD, OTHER), MERGE),
    "another repository": (run(OTHER, OTHER), commit(BASE, HEAD, message=BY_GITHUB), MERGE),
    "the base of pull_request_target": (
        run(HEAD, MERGE, event="pull_request_target"),
        commit(BASE, HEAD, message=BY_GITHUB),
        MERGE,
    ),
}


@pytest.mark.parametrize(("facts", "built", "meant"), MEANT.values(), ids=MEANT)
def test_the_commit_that_is_meant(facts: CiFacts, built: Commit, meant: str) -> None:
    assert meant_commit(facts, built, frozenset()) == meant


def test_a_merge_that_a_remote_has_was_made_by_a_person() -> None:
    made = commit(HEAD, BASE, message=BY_JENKINS)
    assert meant_commit(run(MERGE, MERGE), made, {MERGE}) == MERGE
    # actions/checkout keeps refs/pull/12/merge as a remote's branch.
    assert meant_commit(run(MERGE, MERGE), commit(BASE, HEAD, message=BY_GITHUB), {MERGE}) == HEAD


SPEAKS = {
    "the run's commit": (run(MERGE, MERGE), True),
    "a pull request's child": (run(BASE, OTHER), True),
    "a branch's child": (run(BASE, BASE, number="", event="workflow_dispatch"), False),
    "the merge of a pull request with the branch that the run is for": (
        run(BASE, BASE, number="", event="issue_comment"),
        False,
    ),
    "a pull request that is said, with the branch that the run is for": (
        run_with_option(BASE, "issue_comment"),
        False,
    ),
    "its merge with the base": (run(HEAD, OTHER), True),
    "the merge, and the head is not a parent": (run(OTHER, MERGE), True),
    "another": (run(OTHER, OTHER), False),
    "no commit": (run("", ""), True),
    "the base of pull_request_target": (run(OTHER, MERGE, event="pull_request_target"), False),
    "that base, which merged this very head": (run(HEAD, MERGE, event="pull_request_target"), False),
    "the head under pull_request_target": (run(MERGE, BASE, event="pull_request_target"), True),
}


@pytest.mark.parametrize(("facts", "speaks"), SPEAKS.values(), ids=SPEAKS)
def test_whether_the_run_is_for_this_commit(facts: CiFacts, speaks: bool) -> None:
    assert describes_commit(facts, commit(BASE, HEAD)) is speaks
    assert is_base_of_pull_request(facts, commit(BASE, HEAD)) is (
        facts.ref.event == "pull_request_target" and not speaks
    )
