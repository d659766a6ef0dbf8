"""What the user says of the run, before what the CI says of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ecr_push.ci.facts import CiFacts
from ecr_push.ci.facts_text import request_in
from ecr_push.settings.declare import Settings


def overridden(facts: CiFacts, settings: Settings) -> CiFacts:
    """facts with what the options say in place of what the CI says. Applied once, before git is asked.

    A run is for one branch, tag or pull request: an option that names it replaces all that the CI says of
    the three. What was said holds for what is checked out, whichever commit the CI speaks of.

    Whether it may be an outsider's is not for them to say: fork, by_anybody and own_sha stay the CI's.
    """
    # Scripts pass on what git calls a pull request: `found.GIT_BRANCH - 'origin/'` may be `pr/12`.
    if number := request_in(settings.branch):
        settings = replace(settings, branch="", pull_request=settings.pull_request or number)
        if settings.pull_request != facts.pull_request:
            facts = replace(facts, fork=True, fork_told=False)
    said: dict[str, Any] = {}
    if settings.branch or settings.tag_ref or settings.pull_request:
        said |= _ref(facts, settings)
        of_another = bool(settings.pull_request and settings.pull_request != facts.pull_request)
        # What the CI tells of its own pull request, it does not tell of another.
        fork_told = facts.fork_told and (facts.fork or not of_another)
        facts = replace(facts, of_another=of_another, of_remote=False, queued=False, fork_told=fork_told)
    if settings.default_branch:
        said["default_branch"] = settings.default_branch
    if settings.commit:
        said["commit"] = settings.commit
    found = replace(facts, **said, asserted=frozenset(said))
    if found.commit != facts.commit:
        found = _of_another_commit(found, named=bool(facts.commit))
    return replace(found, run_url=settings.run_url or facts.run_url, actor=settings.actor or facts.actor)


def _of_another_commit(found: CiFacts, *, named: bool) -> CiFacts:
    """What the CI tells of its own commit, it does not tell of this one. A pull request may have either.

    named: the CI names a commit at all; where it does not, its run is for whichever is checked out.
    """
    found = replace(found, run_sha="", committed_at=None)
    if not named or found.pull_request:
        return found
    ref: dict[str, Any] = {name: "" for name in ("branch", "tag", "base_ref") if name not in found.asserted}
    return replace(found, **ref)


def _ref(facts: CiFacts, settings: Settings) -> dict[str, Any]:
    same = (
        facts.pull_request == settings.pull_request
        if settings.pull_request
        else bool(facts.tag if settings.tag_ref else facts.branch and not facts.pull_request)
    )
    kind = "pull_request" if settings.pull_request else "tag" if settings.tag_ref else "push"
    return {
        "branch": settings.branch or (facts.branch if settings.pull_request and same else ""),
        "tag": settings.tag_ref,
        "pull_request": settings.pull_request,
        "event": facts.event if same and facts.event else kind,
        "base_ref": facts.base_ref if same else "",
    }
