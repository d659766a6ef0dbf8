"""The operation of IAM that tells whether a role has the permissions that a pipeline needs."""

from __future__ import annotations

from ecr_push.sandbox.operations.context import Context, Parameters, Result

_DECISIONS = {"allow": "allowed", "explicit deny": "explicitDeny", "implicit deny": "implicitDeny"}


def simulate_principal_policy(context: Context, parameters: Parameters) -> Result:
    """By the principal's own policies, its boundary and those of the organisation, without the resource's.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    """
    keys = {
        one["ContextKeyName"]: one.get("ContextKeyValues", []) for one in parameters.get("ContextEntries", [])
    }
    results = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": _DECISIONS[decision.effect],
            "MatchedStatements": [],
            "MissingContextValues": [],
        }
        for action in parameters["ActionNames"]
        for resource in parameters.get("ResourceArns", ["*"])
        for decision in [context.guard.simulate(parameters["PolicySourceArn"], action, resource, keys)]
    ]
    return {"EvaluationResults": results, "IsTruncated": False}
