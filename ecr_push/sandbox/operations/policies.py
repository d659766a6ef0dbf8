"""Policies of repositories and of the registry: checked, stored and returned; `guard.py` enforces them."""

from __future__ import annotations

from ecr_push.base.iam.read import PolicyError
from ecr_push.sandbox import policy_document
from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.operations.context import Context, Parameters, Result
from ecr_push.sandbox.policy_document import REGISTRY_POLICY
from ecr_push.sandbox.protocol import invalid_parameter


def set_repository_policy(context: Context, parameters: Parameters) -> Result:
    text = parameters["policyText"]
    _check(text, "repository", context)
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


def put_registry_policy(context: Context, parameters: Parameters) -> Result:
    text = parameters["policyText"]
    _check(text, "registry", context)
    context.state.change_settings(extra={**context.state.settings.extra, REGISTRY_POLICY: text})
    return {"registryId": context.state.account, "policyText": text}


def get_registry_policy(context: Context, _: Parameters) -> Result:
    text = context.state.settings.extra.get(REGISTRY_POLICY)
    if not text:
        raise EcrError(
            "RegistryPolicyNotFoundException",
            f"Registry policy does not exist in the registry with id '{context.state.account}'",
        )
    return {"registryId": context.state.account, "policyText": text}


def delete_registry_policy(context: Context, parameters: Parameters) -> Result:
    deleted = get_registry_policy(context, parameters)
    context.state.change_settings(extra={**context.state.settings.extra, REGISTRY_POLICY: ""})
    return deleted


def _check(text: str, of: policy_document.Of, context: Context) -> None:
    try:
        policy_document.read(text, of, context.kind)
    except PolicyError as error:
        raise invalid_parameter("PolicyText", f"Invalid {of} policy provided: {error}") from None
