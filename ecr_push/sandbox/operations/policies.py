"""Repository policies: checked, stored and returned, not enforced."""

from __future__ import annotations

import json
from typing import Any

from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.operations.context import Context, Parameters, Result
from ecr_push.sandbox.protocol import invalid_parameter


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


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
