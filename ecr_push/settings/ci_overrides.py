"""CiFacts + CiOptions -> CiFacts: the user's options replace what the CI says. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ecr_push.ci.facts import CiFacts
from ecr_push.ci.facts_text import request_in
from ecr_push.ci.options import CiOptions


def apply_overrides(facts: CiFacts, options: CiOptions) -> CiFacts:
    """facts with what the options say in place of what the CI says. Applied once, before git is asked.

    A run is for one branch, tag or pull request: an option that names it replaces all that the CI says of
    the three. What was said holds for what is checked out, whichever commit the CI speaks of.

    Whether it may be an outsider's is not for them to say: fork, by_anybody and own_sha stay the CI's.
    """
    # Scripts pass on what git calls a pull request: `found.GIT_BRANCH - 'origin/'` may be `pr/12`.
    if number := request_in(options.branch):
        options = replace(options, branch="", pull_request=options.pull_request or number)
        if options.pull_request != facts.pull_request:
            facts = replace(facts, fork=True, fork_told=False)
    said: dict[str, Any] = {}
    if options.branch or options.tag_ref or options.pull_request:
        said |= _ref(facts, options)
        of_another = bool(options.pull_request and options.pull_request != facts.pull_request)
        # What the CI tells of its own pull request, it does not tell of another.
        fork_told = facts.fork_told and (facts.fork or not of_another)
        facts = replace(facts, of_another=of_another, of_remote=False, queued=False, fork_told=fork_told)
    if options.default_branch:
        said["default_branch"] = options.default_branch
    if options.commit:
        said["commit"] = options.commit
    found = replace(facts, **said, asserted=frozenset(said))
    if found.commit != facts.commit:
        found = _of_another_commit(found, named=bool(facts.commit))
    return replace(found, run_url=options.run_url or facts.run_url, actor=options.actor or facts.actor)


def _of_another_commit(found: CiFacts, *, named: bool) -> CiFacts:
    """What the CI tells of its own commit, it does not tell of this one. A pull request may have either.

    named: the CI names a commit at all; where it does not, its run is for whichever is checked out.
    """
    found = replace(found, run_sha="", committed_at=None)
    if not named or found.pull_request:
        return found
    ref: dict[str, Any] = {name: "" for name in ("branch", "tag", "base_ref") if name not in found.asserted}
    return replace(found, **ref)


def _ref(facts: CiFacts, options: CiOptions) -> dict[str, Any]:
    same = (
        facts.pull_request == options.pull_request
        if options.pull_request
        else bool(facts.tag if options.tag_ref else facts.branch and not facts.pull_request)
    )
    kind = "pull_request" if options.pull_request else "tag" if options.tag_ref else "push"
    return {
        "branch": options.branch or (facts.branch if options.pull_request and same else ""),
        "tag": options.tag_ref,
        "pull_request": options.pull_request,
        "event": facts.event if same and facts.event else kind,
        "base_ref": facts.base_ref if same else "",
    }
