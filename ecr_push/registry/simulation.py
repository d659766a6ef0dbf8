"""IAM's own word on what a principal's policies allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecr_push.base.shape import each, items, text
from ecr_push.registry.aws.call import call
from ecr_push.registry.aws.errors import AccessRefusedError, AwsRefusedError
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.aws.session import Aws

_MOST = 1_000  # decisions in an answer


def simulate(access: Aws, principal: str, actions: Sequence[str], resource: str) -> Mapping[str, bool] | None:
    """See `Repositories.refused`. The principal of a role with a path is not found by its session's name."""
    try:
        answer = call(
            access.client("iam"),
            "simulate_principal_policy",
            PolicySourceArn=principal,
            ActionNames=list(actions),
            ResourceArns=[resource],
            MaxItems=_MOST,
        )
    except AccessRefusedError:
        return None
    except AwsRefusedError as refused:
        if refused.code == "NoSuchEntity":
            return None
        raise
    with answer_to("iam:SimulatePrincipalPolicy"):
        found = each(_decision, answer, "EvaluationResults", required=True)
    return {action: certain for action, allowed, certain in found if not allowed}


def _decision(one: Mapping[str, Any]) -> tuple[str, bool, bool]:
    allowed = text(one, "EvalDecision") == "allowed"
    return text(one, "EvalActionName"), allowed, not items(one, "MissingContextValues")
