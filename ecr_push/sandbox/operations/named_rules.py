"""Rules of the registry that are named after a prefix: pull-through caches, and templates of repositories.

They are kept and returned. No image is fetched from an upstream registry: the sandbox reaches nothing.
Templates count for what replication and pushes create, see `creation`.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecr_push.base.iam.read import PolicyError
from ecr_push.sandbox import policy_document
from ecr_push.sandbox.creation import TEMPLATES
from ecr_push.sandbox.lifecycle import read_policy
from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.operations.context import Context, Parameters, Result, page
from ecr_push.sandbox.protocol import invalid_parameter

MAX_RULES = 50
# The host of each upstream registry; the others are named by the user.
_UPSTREAMS = {
    "public.ecr.aws": "ecr-public",
    "quay.io": "quay",
    "registry.k8s.io": "k8s",
    "registry-1.docker.io": "docker-hub",
    "ghcr.io": "github-container-registry",
    "registry.gitlab.com": "gitlab-container-registry",
    "cgr.dev": "chainguard",
}
_OF_OTHERS = {
    ".azurecr.io": "azure-container-registry",
    ".amazonaws.com": "ecr",
    ".amazonaws.com.cn": "ecr",
}
_WITHOUT_CREDENTIALS = ("ecr", "ecr-public", "quay", "k8s")


@dataclass(frozen=True)
class _Shelf:
    """The rules of one kind, by prefix, in RegistrySettings.extra."""

    name: str
    taken: str
    missing: str

    def all(self, context: Context) -> dict[str, dict[str, Any]]:
        return dict(context.state.settings.extra.get(self.name, {}))

    def get(self, context: Context, prefix: str) -> dict[str, Any]:
        found = self.all(context).get(prefix)
        if found is None:
            raise EcrError(self.missing, f"'{prefix}' does not exist in the registry")
        return found

    def add(self, context: Context, prefix: str, rule: Mapping[str, Any]) -> dict[str, Any]:
        found = self.all(context)
        if prefix in found:
            raise EcrError(self.taken, f"'{prefix}' already exists in the registry")
        if len(found) >= MAX_RULES:
            raise EcrError("LimitExceededException", f"the registry has {MAX_RULES} of them already")
        return self._keep(context, prefix, {**rule, "createdAt": context.state.clock()})

    def change(self, context: Context, prefix: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        return self._keep(context, prefix, {**self.get(context, prefix), **changes})

    def remove(self, context: Context, prefix: str) -> dict[str, Any]:
        removed = self.get(context, prefix)
        left = {name: rule for name, rule in self.all(context).items() if name != prefix}
        context.state.change_settings(extra={**context.state.settings.extra, self.name: left})
        return removed

    def _keep(self, context: Context, prefix: str, rule: Mapping[str, Any]) -> dict[str, Any]:
        kept = {**rule, "updatedAt": context.state.clock()}
        rules = {**self.all(context), prefix: kept}
        context.state.change_settings(extra={**context.state.settings.extra, self.name: rules})
        return kept


_CACHES = _Shelf(
    "pullThroughCacheRules",
    "PullThroughCacheRuleAlreadyExistsException",
    "PullThroughCacheRuleNotFoundException",
)
_TEMPLATES = _Shelf(
    TEMPLATES,
    "TemplateAlreadyExistsException",
    "TemplateNotFoundException",
)


def create_pull_through_cache_rule(context: Context, parameters: Parameters) -> Result:
    host = parameters["upstreamRegistryUrl"]
    known = _UPSTREAMS.get(host) or next(
        (name for ending, name in _OF_OTHERS.items() if host.endswith(ending)), ""
    )
    named = parameters.get("upstreamRegistry", known)
    if not known or named != known:
        raise EcrError(
            "UnsupportedUpstreamRegistryException", f"'{host}' is not the host of {named or known}"
        )
    if known not in _WITHOUT_CREDENTIALS and not parameters.get("credentialArn"):
        raise invalid_parameter("credentialArn", f"{known} needs the credentials of a secret")
    of_another = known == "ecr" and host.partition(".")[0] != context.state.account
    if of_another and not parameters.get("customRoleArn"):
        raise invalid_parameter("customRoleArn", f"{host} is of another account, which needs a role")
    rule = {**_without_registry(parameters), "upstreamRegistry": known}
    return _with_registry(context, _CACHES.add(context, parameters["ecrRepositoryPrefix"], rule), "updatedAt")


def describe_pull_through_cache_rules(context: Context, parameters: Parameters) -> Result:
    if names := parameters.get("ecrRepositoryPrefixes"):
        found = [_CACHES.get(context, name) for name in names]
    else:
        found = list(_CACHES.all(context).values())
    shown, token = page(found, parameters)
    return {"pullThroughCacheRules": [_with_registry(context, one) for one in shown], "nextToken": token}


def update_pull_through_cache_rule(context: Context, parameters: Parameters) -> Result:
    changed = _CACHES.change(context, parameters["ecrRepositoryPrefix"], _without_registry(parameters))
    return _with_registry(context, changed, "createdAt", "upstreamRegistryUrl", "upstreamRegistry")


def delete_pull_through_cache_rule(context: Context, parameters: Parameters) -> Result:
    removed = _CACHES.remove(context, parameters["ecrRepositoryPrefix"])
    return _with_registry(context, removed, "updatedAt", "upstreamRegistry")


def validate_pull_through_cache_rule(context: Context, parameters: Parameters) -> Result:
    """Every rule is valid: no upstream registry is asked."""
    found = _CACHES.get(context, parameters["ecrRepositoryPrefix"])
    answer = _with_registry(context, found, "createdAt", "updatedAt", "upstreamRegistry")
    return {**answer, "isValid": True}


def create_repository_creation_template(context: Context, parameters: Parameters) -> Result:
    _check_template(context, parameters)
    if not parameters["appliedFor"]:
        raise invalid_parameter("appliedFor", "it is an empty list")
    return _template(context, _TEMPLATES.add(context, parameters["prefix"], parameters))


def describe_repository_creation_templates(context: Context, parameters: Parameters) -> Result:
    every = _TEMPLATES.all(context)
    wanted = parameters.get("prefixes")
    found = [rule for name, rule in every.items() if wanted is None or name in wanted]
    shown, token = page(found, parameters)
    return {
        "registryId": context.state.account,
        "repositoryCreationTemplates": list(shown),
        "nextToken": token,
    }


def update_repository_creation_template(context: Context, parameters: Parameters) -> Result:
    """An update that sets the mutability without filters removes those that there are."""
    _check_template(context, parameters)
    filters = "imageTagMutabilityExclusionFilters"
    without = {filters: None} if "imageTagMutability" in parameters and filters not in parameters else {}
    return _template(context, _TEMPLATES.change(context, parameters["prefix"], {**parameters, **without}))


def delete_repository_creation_template(context: Context, parameters: Parameters) -> Result:
    return _template(context, _TEMPLATES.remove(context, parameters["prefix"]))


def _check_template(context: Context, parameters: Parameters) -> None:
    if policy := parameters.get("repositoryPolicy"):
        try:
            policy_document.read(policy, "repository", context.kind)
        except PolicyError as error:
            raise invalid_parameter("repositoryPolicy", str(error)) from None
    if text := parameters.get("lifecyclePolicy"):
        try:
            read_policy(text)
        except ValueError as error:
            raise invalid_parameter("lifecyclePolicy", str(error)) from None
    needs_role = parameters.get("resourceTags") or "kmsKey" in parameters.get("encryptionConfiguration", {})
    if needs_role and not parameters.get("customRoleArn"):
        raise invalid_parameter("customRoleArn", "resource tags and a KMS key need it")


def _template(context: Context, template: Result) -> Result:
    return {"registryId": context.state.account, "repositoryCreationTemplate": template}


def _without_registry(parameters: Parameters) -> Result:
    return {name: value for name, value in parameters.items() if name != "registryId"}


def _with_registry(context: Context, rule: Mapping[str, Any], *left_out: str) -> Result:
    """The rule as an operation returns it, without the members that its answer lacks."""
    kept = {name: value for name, value in rule.items() if name not in left_out}
    return {**kept, "registryId": context.state.account}
