"""Who may do what -> the JSON that ECR takes. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ecr_push.base.iam.document import WITH_VARIABLES
from ecr_push.base.place import Place
from ecr_push.upkeep.policies.model import LAMBDA, REGISTRY_VERBS, REPOSITORY_VERBS, Grant

_LABELS = {"pull": "Pull", "push": "Push", "replicate-from": "ReplicateFrom", "pull-through": "PullThrough"}
_OF_CONDITION = {
    "aws:PrincipalOrgID": "Organization",
    "aws:PrincipalOrgPaths": "OrganizationalUnit",
    "aws:PrincipalArn": "Matching",
}


def repository_policy(grants: Iterable[Grant]) -> str:
    """The policy of a repository; "" for no grants, since ECR takes no policy without a statement."""
    return _policy(grants, REPOSITORY_VERBS, None)


def registry_policy(grants: Iterable[Grant], place: Place) -> str:
    """The policy of a registry, which names repositories by their ARNs; "" for no grants."""
    return _policy(grants, REGISTRY_VERBS, place)


def repository_arn(pattern: str, place: Place) -> str:
    return f"arn:{place.partition}:ecr:{place.region}:{place.account}:repository/{pattern}"


def _policy(grants: Iterable[Grant], verbs: Sequence[str], place: Place | None) -> str:
    ordered = sorted(grants, key=lambda grant: verbs.index(grant.verb))
    statements = _with_sids([_statement(group, place) for group in _groups(ordered)])
    if not statements:
        return ""
    return json.dumps({"Version": WITH_VARIABLES, "Statement": statements}, separators=(",", ":"))


def _groups(grants: Iterable[Grant]) -> Iterable[Sequence[Grant]]:
    """Those that one statement is for: they differ by the principal alone, or by one condition's value."""
    found: dict[Any, dict[Grant, None]] = {}
    for grant in grants:
        conditions, name = grant.who.conditions, grant.who.name
        alike: Any = conditions  # with two conditions: `A or B` is not what one statement with both says
        if len(conditions) == 1:
            alike = (name, conditions[0].operator, conditions[0].key)
        found.setdefault((grant.actions, grant.pattern, grant.who.kind, alike), {})[grant] = None
    return [tuple(group) for group in found.values()]


def _statement(group: Sequence[Grant], place: Place | None) -> dict[str, Any]:
    first = group[0]
    who = first.who
    names = _one_or_list(grant.who.name for grant in group)
    statement: dict[str, Any] = {
        "Sid": _label(first),
        "Effect": "Allow",
        "Principal": "*" if who.kind == "*" else {who.kind: names},
        "Action": list(first.actions),
    }
    if place:
        statement["Resource"] = repository_arn(first.pattern, place)
    condition: dict[str, dict[str, Any]] = {}
    for at, one in enumerate(who.conditions):
        operator = f"{one.quantifier}:{one.operator}" if one.quantifier else one.operator
        values = _one_or_list(value for grant in group for value in grant.who.conditions[at].values)
        condition.setdefault(operator, {})[one.key] = values
    return {**statement, "Condition": condition} if condition else statement


def _one_or_list(values: Iterable[str]) -> Any:
    found = list(dict.fromkeys(values))
    return found[0] if len(found) == 1 else found


def _label(grant: Grant) -> str:
    """`PullOrganization`: IAM takes letters and digits alone."""
    who, of = grant.who, ""
    if who.kind == "Service":
        of = "Lambda" if who.name == LAMBDA else "CodeBuild"
    elif who.conditions:
        of = _OF_CONDITION[who.conditions[0].key]
    elif who.kind == "*":
        of = "Everyone"
    return f"{_LABELS[grant.verb]}{of}"


def _with_sids(statements: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each Sid once: `Pull`, `Pull2`."""
    seen: dict[str, int] = {}
    found = []
    for statement in statements:
        label = statement["Sid"]
        seen[label] = seen.get(label, 0) + 1
        number = seen[label] if seen[label] > 1 else ""
        found.append({**statement, "Sid": f"{label}{number}"})
    return found
