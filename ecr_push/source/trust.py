"""Whose code is built: whether it may be of somebody who may not push to the repository. Pure."""

from __future__ import annotations

from collections.abc import Callable

from ecr_push.ci.facts import CiFacts


def outsiders_code(facts: CiFacts, head: Callable[[], str]) -> str:
    """What is built, in words, where it has to be taken for an outsider's; "" for anything else.

    A CI that never tells says nothing here: see `untold_origin`.

    head: asked, where that decides, for the commit that is built as it is: "" where that is no commit, or
    not it alone.
    """
    what = "a pull request" if facts.pull_request else "a run"
    if facts.fork:
        return f"{what} from a fork" if facts.fork_told else f"{what} that may be from a fork"
    if facts.by_anybody and not is_own(facts, head()):
        return f"code that {_what_started(facts)} does not name, and that may be from a fork"
    return ""


def is_own(facts: CiFacts, commit: str) -> bool:
    """Whether a commit is surely the repository's own, in a run that anybody may have started."""
    return bool(commit) and commit == facts.own_sha


def _what_started(facts: CiFacts) -> str:
    return f"the event {facts.event}" if facts.event else "the run's event"


def untold_origin(facts: CiFacts) -> str:
    """What a user should know where the CI does not tell of pull requests whether they are from forks."""
    # At a laptop a person knows.
    told = facts.fork or facts.by_anybody or facts.fork_told
    if told or not facts.pull_request or not facts.unattended:
        return ""
    return (
        f"this CI does not tell whether pull request {facts.pull_request} is from a fork: it is treated as "
        "your own"
    )
