"""The policies of repositories and of the registry, checked as ECR checks them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html, and what is ECR's own:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html. A repository's policy names
no resource, since it is the repository's; the registry's policy does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from ecr_push.sandbox.model import Kind

_VERSIONS = ("2008-10-17", "2012-10-17")
_POLICY = {"Version", "Id", "Statement"}
_STATEMENT = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource",
    "Condition",
}  # fmt: skip
_PRINCIPALS = {"AWS", "Service", "Federated", "CanonicalUser"}

Of = Literal["repository", "registry"]


def problems(text: str, of: Of, kind: Kind) -> list[str]:
    """What ECR refuses in a policy's text; none for a valid one."""
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError):
        return ["it is not valid JSON"]
    if not isinstance(policy, dict):
        return ["it is not a JSON object"]
    return list(_problems(policy, of, "ecr-public" if kind == "public" else "ecr"))


def _problems(policy: Mapping[str, Any], of: Of, service: str) -> Iterator[str]:
    yield from (f"it has the unknown member {name!r}" for name in policy.keys() - _POLICY)
    if policy.get("Version", _VERSIONS[0]) not in _VERSIONS:
        yield f"its Version is not one of {', '.join(_VERSIONS)}"
    statements = policy.get("Statement")
    statements = statements if isinstance(statements, list) else [statements]
    if statements in ([], [None]):
        yield "it has no Statement"
        return
    for number, statement in enumerate(statements, 1):
        if not isinstance(statement, dict):
            yield f"statement {number} is not an object"
            continue
        yield from (f"statement {number} {problem}" for problem in _in_statement(statement, of, service))


def _in_statement(statement: Mapping[str, Any], of: Of, service: str) -> Iterator[str]:
    yield from (f"has the unknown member {name!r}" for name in statement.keys() - _STATEMENT)
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield "has an Effect that is neither Allow nor Deny"
    if ("Principal" in statement) == ("NotPrincipal" in statement):
        yield "needs one of Principal and NotPrincipal"
    elif not _is_principal(statement.get("Principal", statement.get("NotPrincipal"))):
        yield "has an invalid principal"
    actions = _texts(statement.get("Action", statement.get("NotAction")))
    if ("Action" in statement) == ("NotAction" in statement) or not actions:
        yield "needs one of Action and NotAction"
    for action in actions:
        if action != "*" and action.partition(":")[0].lower() != service:
            yield f"has the action {action!r}, which is not one of {service}"
    resources = _texts(statement.get("Resource", statement.get("NotResource")))
    if of == "repository" and ("Resource" in statement or "NotResource" in statement):
        yield "has a Resource, which a repository's policy cannot have"
    elif of == "registry" and not resources:
        yield "needs a Resource"
    if not isinstance(statement.get("Condition", {}), dict):
        yield "has a Condition that is not an object"


def _is_principal(value: Any) -> bool:
    if isinstance(value, dict):
        return bool(value) and value.keys() <= _PRINCIPALS and all(_texts(one) for one in value.values())
    return bool(value == "*")


def _texts(value: Any) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return found if all(isinstance(one, str) and one for one in found) else []
