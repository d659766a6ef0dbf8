"""What of a CI's word holds for the commit in the work tree. Pure."""

from __future__ import annotations

from ecr_push.ci.facts import CiFacts
from ecr_push.source.git.checkout import Commit
from ecr_push.source.pull_request import is_base_of_pull_request, speaks_of
from ecr_push.source.trust import is_own

_BASE_ALONE = "the run is for a pull request, but its base is checked out: nothing of pull request"
_A_CHILD = "what is checked out comes after the run's commit {commit}, and gets no branch or tag of its"


def believed(facts: CiFacts, built: Commit) -> CiFacts:
    """All that the CI says where it speaks of this commit; else what the user said, which always holds."""
    return facts if speaks_of(facts, built) else facts.said


def branch_believed(facts: CiFacts, told: CiFacts, local: str, *, outsiders: bool) -> str:
    """The CI's word comes first where it speaks of this commit: its checkouts are mostly detached.

    The name of a local branch is the job's choice. Where an outsider's code may be checked out it tells
    nothing: a fork has a branch `main` as well.
    """
    if facts.pull_request:
        return ""
    if facts.queued or outsiders:
        return told.branch
    if not facts.commit and "branch" not in told.asserted:
        return local or told.branch
    return told.branch or local


def may_be_outsiders(facts: CiFacts, built: str) -> bool:
    """Whether the code may be somebody's who may not push: told of nobody, or no checkout is there to tell.

    Its tags are no releases then: they come with the clone, and may be a fork's.

    built: the commit that is built, "" where that is unknown, or not all of it.
    """
    return facts.fork or (facts.by_anybody and not is_own(facts, built))


def doubts(facts: CiFacts, told: CiFacts, built: Commit) -> tuple[str, ...]:
    """What the user should know of a run that is not quite for this commit."""
    if is_base_of_pull_request(facts, built):
        return (f"{_BASE_ALONE} {facts.pull_request} is in the image",)
    if told is not facts and facts.commit in built.parents and not told.asserted:
        return (f"{_A_CHILD.format(commit=facts.commit[:12])}: say --branch if it is of one",)
    return ()
