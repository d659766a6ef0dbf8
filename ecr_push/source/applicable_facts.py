"""Filters CI facts to those that apply to the checked-out commit. Pure."""

from __future__ import annotations

from ecr_push.ci.facts import CiFacts, Ref
from ecr_push.source.git.checkout import Commit
from ecr_push.source.pull_request import describes_commit, is_base_of_pull_request

_BASE_ONLY = (
    "the run is for pull request {0}, but its base is checked out: the image has nothing of pull request {0}"
)
_CHILD_COMMIT = (
    "the checked-out commit comes after the run's commit {}, and does not get its branch or tag: name the "
    "branch with --branch"
)


def applicable_branch(facts: CiFacts, ref: Ref, local: str, *, may_be_fork: bool) -> str:
    """The branch that a commit is built for, "" where that is unknown.

    What the CI says of this commit comes before the name of the local branch, since most CIs check out a
    detached HEAD. The job chooses the name of a local branch, and a fork has a branch `main` as well: where
    a fork's code may be checked out, it does not count.

    ref: see `applicable`.
    """
    if facts.ref.pull_request:
        return ""
    if facts.ref.queued or may_be_fork:
        return ref.branch
    if not facts.ref.commit and not facts.user_ref.is_named:
        return local or ref.branch
    return ref.branch or local


def mismatch_notes(facts: CiFacts, built: Commit) -> tuple[str, ...]:
    """What the user should know of a run that is not quite for this commit."""
    run = facts.ref
    if is_base_of_pull_request(facts, built):
        return (_BASE_ONLY.format(run.pull_request),)
    if run.commit in built.parents and facts.user_ref == Ref() and not describes_commit(facts, built):
        return (_CHILD_COMMIT.format(run.commit[:12]),)
    return ()
