"""Whose code is built: whether it may come from people who may not push to the repository. Pure."""

from __future__ import annotations

from collections.abc import Callable

from ecr_push.ci.facts import CiFacts

_NAMELESS = "the CI names neither an event nor a commit: outside of a CI, unset its variables"


def fork_code(facts: CiFacts, head: Callable[[], str]) -> str:
    """What is built, in words, where it counts as a fork's code; "" for anything else.

    A CI that never says where code comes from gives "" here: see `unreported_origin_note`.

    head: called, where that decides, for the commit that is built as it is: "" where what is built is not a
    commit, or not it alone.
    """
    what = "a pull request" if facts.ref.pull_request else "a run"
    trust = facts.trust
    if trust.is_fork:
        return f"{what} from a fork" if trust.origin == "fork" else f"{what} that may be from a fork"
    if not trust.anyone_can_start or not trust.may_be_fork(head()):
        return ""
    if not facts.ref.event and not trust.trusted_commit:
        return f"code that may be from a fork ({_NAMELESS})"
    event = f"the event {facts.ref.event}" if facts.ref.event else "the run's event"
    return f"code that {event} does not name, and that may be from a fork"


def unreported_origin_note(facts: CiFacts) -> str:
    """What a user should know where the CI never says whether pull requests are from forks; else ""."""
    trust, request = facts.trust, facts.ref.pull_request
    # On a laptop the user knows.
    if trust.origin != "not reported" or trust.anyone_can_start or not request or not facts.unattended:
        return ""
    return f"this CI does not report whether pull request {request} is from a fork: it is treated as your own"
