"""A statement of a policy that is to be written, and policies of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.iam.document import WITH_VARIABLES

ALL = ("*",)


@dataclass(frozen=True)
class AllowStatement:
    """What one step may do. sid: letters and digits. resources: ARNs; none in a role's trust policy.

    principal: such as `{"Service": "ec2.amazonaws.com"}`, in a trust policy. conditions: by operator and key.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    principal: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def merged(statements: Iterable[AllowStatement]) -> tuple[AllowStatement, ...]:
    """As few statements as say the same: those of one step and the same resources, then those of one step and
    the same actions. A statement never grants more than was meant; the second one of a step gets a number."""
    by_resources: dict[Any, AllowStatement] = {}
    for one in statements:
        key = (one.sid, one.resources, repr(one.conditions))
        before = by_resources.get(key, replace(one, actions=()))
        by_resources[key] = replace(one, actions=tuple(sorted({*before.actions, *one.actions})))
    by_actions: dict[Any, AllowStatement] = {}
    for one in by_resources.values():
        key = (one.sid, one.actions, repr(one.conditions))
        before = by_actions.get(key, replace(one, resources=()))
        resources = dict.fromkeys((*before.resources, *one.resources))
        by_actions[key] = replace(one, resources=tuple(resources))
    counts: dict[str, int] = {}
    numbered = []
    for one in by_actions.values():
        counts[one.sid] = counts.get(one.sid, 0) + 1
        number = counts[one.sid]
        numbered.append(replace(one, sid=f"{one.sid}{number}") if number > 1 else one)
    return tuple(numbered)


def policy_of(statements: Sequence[AllowStatement]) -> dict[str, Any]:
    """The policy as a document."""
    return {"Version": WITH_VARIABLES, "Statement": [_document(one) for one in statements]}


def _document(statement: AllowStatement) -> dict[str, Any]:
    document: dict[str, Any] = {"Sid": statement.sid, "Effect": "Allow"}
    if statement.principal:
        document["Principal"] = dict(statement.principal)
    document["Action"] = _one_or_more(statement.actions)
    if statement.resources:
        document["Resource"] = _one_or_more(statement.resources)
    if statement.conditions:
        document["Condition"] = {operator: dict(keys) for operator, keys in statement.conditions.items()}
    return document


def _one_or_more(texts: Sequence[str]) -> Any:
    return texts[0] if len(texts) == 1 else list(texts)
