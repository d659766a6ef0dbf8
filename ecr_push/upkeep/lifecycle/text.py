"""A policy's text, JSON as ECR takes it or sentences -> rules. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.base.regex import lazy_regex
from ecr_push.upkeep.lifecycle.model import LifecyclePolicy, Rule
from ecr_push.upkeep.lifecycle.read import LifecyclePolicyError, read_lifecycle_policy
from ecr_push.upkeep.lifecycle.sentences import as_json, rule_of


def read_policy_text(text: str) -> LifecyclePolicy:
    """The policy that a text is: JSON, or one sentence a line, where `#` begins a comment.

    Raises LifecyclePolicyError with every mistake, each with its place: a member, or a line.
    """
    if text.lstrip()[:1] in ("{", "["):
        return read_lifecycle_policy(text)
    problems: list[str] = []
    rules: list[Rule] = []
    lines: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        if sentence := line.partition("#")[0].strip().removeprefix("- ").strip():
            lines.append(number)
            try:
                rules.append(rule_of(sentence, len(lines)))
            except ValueError as error:
                problems.append(f"line {number}: {error}")
    if not lines:
        problems.append("the policy has no rule")
    if not problems:
        problems += _refused(rules, lines)
    if problems:
        raise LifecyclePolicyError(problems)
    return LifecyclePolicy(tuple(rules))


def _refused(rules: Sequence[Rule], lines: Sequence[int]) -> list[str]:
    """What ECR refuses in rules of which each has a valid sentence, such as two for untagged images."""
    try:
        read_lifecycle_policy(as_json(LifecyclePolicy(tuple(rules))))
    except LifecyclePolicyError as error:
        place = lazy_regex(r"(^)?rules\[(\d+)\]\S*")
        return [
            place.sub(lambda found: f"line {lines[int(found[2])]}{':' if found[1] is not None else ''}", one)
            for one in error.problems
        ]
    return []
