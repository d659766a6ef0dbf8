"""Whose commit is checked out: what a CI says, compared with the commit in the work tree. Pure.

CIs build a pull request as a merge commit of its head and its base, which exists in that run only. An image
is named after the pull request's head.
"""

from __future__ import annotations

from collections.abc import Container

from ecr_push.base.regex import lazy_regex
from ecr_push.ci.facts import CiFacts
from ecr_push.source.git.checkout import Commit

_ID = r"[0-9a-f]{40}(?:[0-9a-f]{24})?"
# GitHub's refs/pull/N/merge: the base first, then the head.
_GITHUB = lazy_regex(rf"Merge (?P<head>{_ID}) into (?P<base>{_ID})\s*")
# `git merge BASE` on the detached head, which is how Jenkins' branch sources do it.
_JENKINS = lazy_regex(rf"Merge commit '(?P<base>{_ID})' into HEAD\s*")


def describes_commit(facts: CiFacts, built: Commit) -> bool:
    """Whether the run is for the commit in the work tree.

    A job may check out a second repository, or an older commit. A pull request's head as a parent is its
    merge commit, or a commit that the job made; any other child of the run's commit may be anyone's, for
    the head of the default branch is the parent of many a pull request. Under `pull_request_target` the
    run's own commit is the base: then nothing of the pull request is there.

    Where the CI names no commit, it runs for what is checked out.
    """
    if is_base_of_pull_request(facts, built):
        return False
    if not facts.ref.commit:
        return True
    named = (facts.ref.commit, facts.ref.run_commit)
    return built.id in named or (bool(facts.head) and facts.head in built.parents)


def is_base_of_pull_request(facts: CiFacts, built: Commit) -> bool:
    """Whether the run is for a pull request, and the work tree is its base without it."""
    ref = facts.ref
    return ref.event == "pull_request_target" and built.id == ref.run_commit != ref.commit


def meant_commit(facts: CiFacts, built: Commit, remote_tips: Container[str]) -> str:
    """The pull request's head where the commit in the work tree merges it with its base, else that commit.

    The CI names the head, or the message of the merge commit does.

    remote_tips: the commits that a remote's branches point to. A head may be a merge commit itself.
    """
    if not facts.ref.pull_request or len(built.parents) != 2:
        return built.id
    if not facts.user_ref.is_named and not describes_commit(facts, built):
        return built.id
    if facts.head and facts.head in built.parents:
        return facts.head
    if facts.ref.commit == built.id != facts.ref.run_commit:
        return built.id  # the CI names the head apart from its merge, and the head is checked out
    first, second = built.parents
    if (made := _GITHUB.fullmatch(built.message)) and made.group("base", "head") == built.parents:
        return second
    # This one is made on the spot; a person who wrote the same has pushed it.
    if (made := _JENKINS.fullmatch(built.message)) and made["base"] == second and built.id not in remote_tips:
        return first
    return built.id
