"""What the user says of the run, before what the CI says of it: CiFacts + CiOptions -> CiFacts. Pure."""

from __future__ import annotations

from dataclasses import replace

from ecr_push.ci.facts import CiFacts, Origin, Ref
from ecr_push.ci.facts_text import request_in
from ecr_push.ci.options import CiOptions


def apply_overrides(facts: CiFacts, options: CiOptions) -> CiFacts:
    """The facts with what the options say in `user_ref`, and in place of the CI's address and actor.

    A run is for one branch, tag or pull request: an option that names it replaces all that the CI says of
    the three (see `merge`). Only the CI says where the code comes from, but for a branch whose name is a
    pull request's.
    """
    branch, pull_request, trust = options.branch, options.pull_request, facts.trust
    # Scripts pass on what git calls a pull request: `found.GIT_BRANCH - 'origin/'` may be `pr/12`.
    if number := request_in(branch):
        branch, pull_request = "", pull_request or number
        if pull_request != facts.ci_ref.pull_request:
            trust = replace(trust, origin="maybe fork")
    user = Ref(branch, options.tag_ref, pull_request)
    if user.is_named:
        user = _with_event(facts.ci_ref, user)
        of_another = bool(pull_request and pull_request != facts.ci_ref.pull_request)
        trust = replace(trust, origin=_origin(trust.origin, of_another=of_another))
    user = replace(user, commit=options.commit, default_branch=options.default_branch)
    run = replace(facts.run, url=options.run_url or facts.run.url, actor=options.actor or facts.run.actor)
    return replace(facts, run=run, user_ref=user, trust=trust)


def _origin(origin: Origin, *, of_another: bool) -> Origin:
    """What a CI says of its own pull request does not hold for another one."""
    return "not reported" if origin == "own" and of_another else origin


def _with_event(ci: Ref, user: Ref) -> Ref:
    """user, completed by what the CI says if its run is for the same ref, or a ref of the same kind."""
    if user.pull_request:
        same = ci.pull_request == user.pull_request
    else:
        same = bool(ci.tag if user.tag else ci.branch and not ci.pull_request)
    kind = "pull_request" if user.pull_request else "tag" if user.tag else "push"
    return replace(
        user,
        branch=user.branch or (ci.branch if user.pull_request and same else ""),
        event=ci.event if same and ci.event else kind,
        base=ci.base if same else "",
    )
