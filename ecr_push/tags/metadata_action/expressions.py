"""The expressions of the rules' templates: their names, arguments and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ecr_push.tags.metadata_action.facts import RuleFacts
from ecr_push.tags.metadata_action.mistakes import expected
from ecr_push.tags.metadata_action.template import Expression, Function, Template

DATES = ("date", "commit_date")
# `version` is ecr-push's own: the action computes none.
GLOBAL = ("branch", "tag", "sha", "base_ref", "is_default_branch", "is_not_default_branch", "version", *DATES)
PEP440 = ("raw", "version", "major", "minor", "patch")
# The action passes node-semver's object to the template, so these two also work.
SEMVER = (*PEP440, "prerelease", "build")

# Events that the action counts as on the default branch: it looks for these words in their names.
_ON_DEFAULT_BRANCH = ("create", "discussion", "issues", "schedule")


def problems_of(template: Template, known: Sequence[str]) -> list[str]:
    """Returns the mistakes in a template's expressions."""
    return [problem for one in template.expressions for problem in _problems(one, known)]


def _problems(expression: Expression, known: Sequence[str]) -> list[str]:
    if expression.name not in known:
        why = f"there is no expression {expression.name!r} here; {expected(expression.name, known)}"
        return [f"{expression.text}: {why}"]
    if expression.name not in DATES:
        takes_none = not expression.arguments and not expression.options
        return [] if takes_none else [f"{expression.text}: {expression.name} takes no arguments"]
    problems = []
    if len(expression.arguments) > 1:
        problems.append(f"{expression.text}: {expression.name} takes one format; write it in quotes")
    for key, value in expression.options:
        if key != "tz":
            problems.append(f"{expression.text}: {expression.name} takes tz=, not {key}=")
            continue
        from ecr_push.tags.metadata_action.moment import time_zone  # most rules have no date

        try:
            time_zone(value)
        except ValueError as error:
            problems.append(f"{expression.text}: {error}")
    return problems


def global_functions(facts: RuleFacts) -> Mapping[str, Function]:
    """Returns the functions of the expressions in GLOBAL."""

    def dated(moment: datetime) -> Function:
        def render(pattern: str | None = None, tz: str = "") -> str:
            from ecr_push.tags.metadata_action.moment import format_moment, time_zone

            return format_moment(moment.astimezone(time_zone(tz)), pattern or "")

        return render

    on_default = "true" if _is_default_branch(facts) else "false"
    not_on_default = "false" if _is_default_branch(facts) else "true"
    base_ref = facts.base_ref.removeprefix("refs/heads/") if facts.tag or facts.pull_request else ""
    return {
        "branch": lambda: facts.branch,
        "tag": lambda: facts.tag,
        "sha": lambda: facts.short_sha,
        "base_ref": lambda: base_ref,
        "version": lambda: facts.version,
        "is_default_branch": lambda: on_default,
        "is_not_default_branch": lambda: not_on_default,
        "date": dated(facts.now),
        "commit_date": dated(facts.committed_at),
    }


def _is_default_branch(facts: RuleFacts) -> bool:
    if not (facts.branch or facts.tag or facts.pull_request):
        return False
    if facts.branch and facts.branch == facts.default_branch:
        return True
    return any(word in facts.event for word in _ON_DEFAULT_BRANCH)
