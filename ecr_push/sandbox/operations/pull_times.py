"""Principals whose pulls are not recorded as an image's last one.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_RegisterPullTimeUpdateExclusion.html
"""

from __future__ import annotations

from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.operations.context import Context, Parameters, Result, page

_EXCLUSIONS = "pullTimeUpdateExclusions"  # in RegistrySettings.extra, ARN -> when it was registered
MOST = 100  # shape PullTimeUpdateExclusionList


def register_pull_time_update_exclusion(context: Context, parameters: Parameters) -> Result:
    arn, found = parameters["principalArn"], _all(context)
    if arn in found:
        raise EcrError("ExclusionAlreadyExistsException", f"'{arn}' is excluded already")
    if len(found) >= MOST:
        raise EcrError("LimitExceededException", f"{MOST} principals are excluded already")
    now = context.state.clock()
    _keep(context, {**found, arn: now})
    return {"principalArn": arn, "createdAt": now}


def list_pull_time_update_exclusions(context: Context, parameters: Parameters) -> Result:
    shown, token = page(list(_all(context)), parameters)
    return {"pullTimeUpdateExclusions": list(shown), "nextToken": token}


def deregister_pull_time_update_exclusion(context: Context, parameters: Parameters) -> Result:
    arn, found = parameters["principalArn"], _all(context)
    if arn not in found:
        raise EcrError("ExclusionNotFoundException", f"'{arn}' is not excluded")
    _keep(context, {name: at for name, at in found.items() if name != arn})
    return {"principalArn": arn}


def excluded(context: Context) -> bool:
    """Whether the caller's pulls are not recorded."""
    return _role_of(context.identity.arn) in {_role_of(one) for one in _all(context)}


def _role_of(arn: str) -> str:
    """`ACCOUNT/role/NAME` of a role and of its sessions, `ACCOUNT/user/NAME` of a user."""
    account, _, rest = arn.partition("::")[2].partition(":")
    kind, _, name = rest.partition("/")
    if kind == "assumed-role":
        return f"{account}/role/{name.partition('/')[0]}"
    return f"{account}/{kind}/{name.rpartition('/')[2]}"


def _all(context: Context) -> dict[str, float]:
    return dict(context.state.settings.extra.get(_EXCLUSIONS, {}))


def _keep(context: Context, found: dict[str, float]) -> None:
    context.state.change_settings(extra={**context.state.settings.extra, _EXCLUSIONS: found})
