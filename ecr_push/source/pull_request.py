"""Whose commit is checked out: what a CI says, weighed against the commit in the work tree. Pure.

CIs build a pull request as a merge commit of its head and its base, which nobody made and nobody finds
again. The pull request's head is meant.
"""

from __future__ import annotations

import re
from collections.abc import Container

from ecr_push.ci.facts import CiFacts
from ecr_push.source.git.checkout import Commit

_ID = r"[0-9a-f]{40}(?:[0-9a-f]{24})?"
# GitHub's refs/pull/N/merge: the base first, then the head.
_GITHUB = re.compile(rf"Merge (?P<head>{_ID}) into (?P<base>{_ID})\s*")
# `git merge BASE` on the detached head, which is how Jenkins' branch sources do it.
_JENKINS = re.compile(rf"Merge commit '(?P<base>{_ID})' into HEAD\s*")


def speaks_of(facts: CiFacts, built: Commit) -> bool:
    """Whether the run is for the commit in the work tree.

    A job may check out a second repository, or an older commit. A pull request's head as a parent is its
    merge commit, or a commit that the job made; any other child of the run's commit may be anybody's, for
    the head of the default branch is the parent of many a pull request. Under `pull_request_target` the
    run's own commit is the base: then nothing of the pull request is there.

    Where the CI names no commit, what is checked out is what it runs for.
    """
    if is_base_of_pull_request(facts, built):
        return False
    if not facts.commit:
        return True
    return built.id in (facts.commit, facts.run_sha) or (bool(facts.head) and facts.head in built.parents)


def is_base_of_pull_request(facts: CiFacts, built: Commit) -> bool:
    """Whether the run is for a pull request, and the work tree is its base as it was before."""
    return facts.event == "pull_request_target" and built.id == facts.run_sha != facts.commit


def meant_commit(facts: CiFacts, built: Commit, remote_tips: Container[str]) -> str:
    """The pull request's head where the commit in the work tree merges it with its base, else that commit.

    Told by the CI's word where it names the head, else by the message that the merge was given.

    remote_tips: the commits that a remote's branches point to. A head may be a merge commit itself.
    """
    if not facts.pull_request or len(built.parents) != 2:
        return built.id
    if "pull_request" not in facts.asserted and not speaks_of(facts, built):
        return built.id
    if facts.head and facts.head in built.parents:
        return facts.head
    if facts.commit == built.id != facts.run_sha:
        return built.id  # the CI names the head apart from its merge, and the head is checked out
    first, second = built.parents
    if (said := _GITHUB.fullmatch(built.message)) and said.group("base", "head") == built.parents:
        return second
    # This one is made on the spot; a person who wrote the like has pushed it.
    if (said := _JENKINS.fullmatch(built.message)) and said["base"] == second and built.id not in remote_tips:
        return first
    return built.id
