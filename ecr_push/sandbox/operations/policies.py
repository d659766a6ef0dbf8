"""Repository policies and lifecycle policies: stored and returned, not executed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.operations.context import Context, Parameters, Result
from ecr_push.sandbox.protocol import invalid_parameter

MAX_RULES = 50
_COUNT_TYPES = ("imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned")
_TAG_STATUSES = ("tagged", "untagged", "any")


def set_repository_policy(context: Context, parameters: Parameters) -> Result:
    text = parameters["policyText"]
    policy = _json_object(text)
    if policy is None or not policy.get("Statement"):
        raise invalid_parameter("PolicyText", "Invalid repository policy provided")
    repository = context.state.repositories.change(
        context.kind, parameters["repositoryName"], policy_text=text
    )
    return {**context.named(repository), "policyText": text}


def get_repository_policy(context: Context, parameters: Parameters) -> Result:
    repository = context.repository(parameters)
    if not repository.policy_text:
        raise EcrError(
            "RepositoryPolicyNotFoundException",
            f"Repository policy does not exist for the repository with name '{repository.name}' in the "
            f"registry with id '{repository.registry_id}'",
        )
    return {**context.named(repository), "policyText": repository.policy_text}


def delete_repository_policy(context: Context, parameters: Parameters) -> Result:
    deleted = get_repository_policy(context, parameters)
    context.state.repositories.change(context.kind, parameters["repositoryName"], policy_text="")
    return deleted


def put_lifecycle_policy(context: Context, parameters: Parameters) -> Result:
    text = parameters["lifecyclePolicyText"]
    policy = _json_object(text)
    problems = ["string is not a JSON object"] if policy is None else list(_lifecycle_problems(policy))
    if problems:
        reason = "; ".join(problems)
        raise invalid_parameter("LifecyclePolicyText", f"Lifecycle policy validation failure: {reason}")
    repository = context.state.repositories.change(
        context.kind, parameters["repositoryName"], lifecycle_text=text
    )
    return {**context.named(repository), "lifecyclePolicyText": text}


def get_lifecycle_policy(context: Context, parameters: Parameters) -> Result:
    """Without `lastEvaluatedAt`: the sandbox never evaluates a policy."""
    repository = context.repository(parameters)
    if not repository.lifecycle_text:
        raise EcrError(
            "LifecyclePolicyNotFoundException",
            f"Lifecycle policy does not exist for the repository with name '{repository.name}' in the "
            f"registry with id '{repository.registry_id}'",
        )
    return {**context.named(repository), "lifecyclePolicyText": repository.lifecycle_text}


def delete_lifecycle_policy(context: Context, parameters: Parameters) -> Result:
    deleted = get_lifecycle_policy(context, parameters)
    context.state.repositories.change(context.kind, parameters["repositoryName"], lifecycle_text="")
    return deleted


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _lifecycle_problems(policy: Mapping[str, Any]) -> Iterator[str]:
    """Returns what ECR refuses in a lifecycle policy, "" for a valid one.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
    """
    rules = policy.get("rules")
    if not isinstance(rules, list) or not 1 <= len(rules) <= MAX_RULES:
        yield f"'rules' must be a list of 1 to {MAX_RULES} rules"
        return
    if not all(isinstance(rule, dict) and isinstance(rule.get("selection"), dict) for rule in rules):
        yield "every rule must be an object with a 'selection'"
        return
    priorities = [rule.get("rulePriority") for rule in rules]
    if not all(isinstance(priority, int) and priority > 0 for priority in priorities):
        yield "every rule must have a 'rulePriority' of 1 or more"
        return
    if len(set(priorities)) < len(priorities):
        yield "'rulePriority' must be unique"
    for rule in rules:
        yield from (f"rule {rule['rulePriority']}: {problem}" for problem in _rule_problems(rule, priorities))


def _rule_problems(rule: Mapping[str, Any], priorities: list[Any]) -> Iterator[str]:
    selection = rule["selection"]
    status, count_type = selection.get("tagStatus"), selection.get("countType")
    patterns, prefixes = selection.get("tagPatternList"), selection.get("tagPrefixList")
    if status not in _TAG_STATUSES:
        yield f"'tagStatus' must be one of {', '.join(_TAG_STATUSES)}"
    if status == "tagged" and bool(patterns) == bool(prefixes):
        yield "'tagged' needs one of 'tagPatternList' and 'tagPrefixList'"
    if status != "tagged" and (patterns or prefixes):
        yield "only 'tagged' can have 'tagPatternList' or 'tagPrefixList'"
    if any(str(pattern).count("*") > 4 for pattern in patterns or ()):
        yield "a tag pattern has at most four '*'"
    if status == "any" and rule["rulePriority"] != max(priorities):
        yield "the rule with 'tagStatus' any must have the highest 'rulePriority'"
    if count_type not in _COUNT_TYPES:
        yield f"'countType' must be one of {', '.join(_COUNT_TYPES)}"
    elif (count_type == "imageCountMoreThan") == ("countUnit" in selection):
        yield "'countUnit' days belongs to the count types that are a time, and only to them"
    number = selection.get("countNumber")
    if not isinstance(number, int) or number < 1:
        yield "'countNumber' must be 1 or more"
    if rule.get("action", {}).get("type") not in ("expire", "transition"):
        yield "'action' must be of 'type' expire or transition"
