"""Whether a request is allowed, by all the policies that apply to it, and which statements decide. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.iam import conditions
from ecr_push.base.iam.context import Context
from ecr_push.base.iam.document import Patterns, Policy, Principals, Statement
from ecr_push.base.iam.pattern import action_matches, resource_matches
from ecr_push.base.iam.principal import Caller, Named, left_out, named
from ecr_push.base.iam.truth import YES, Truth, all_of, any_of

Effect = Literal["allow", "explicit deny", "implicit deny", "depends"]
# The types of policies, with AWS's own words for them.
Layer = Literal[
    "identity-based policy",
    "resource-based policy",
    "permissions boundary",
    "session policy",
    "service control policy",
    "resource control policy",
]


@dataclass(frozen=True)
class Request:
    """A call. action: `ecr:PutImage`. resource: its ARN, `*` for an action that has none.

    owner: the account of the resource; "" for the caller's own.
    """

    caller: Caller
    action: str
    resource: str = "*"
    owner: str = ""
    context: Context = field(default_factory=lambda: Context.of({}))


@dataclass(frozen=True)
class Policies:
    """What applies to a request. None: there is none of this type, which allows everything.

    resource:    on the resource: a repository's policy, and its registry's.
    must_be_named: nothing but the resource's policy opens it, as it is for a role's trust.
    scps, rcps:  of each level of the organisation, from its root to the account.
    """

    identity: tuple[Policy, ...] = ()
    resource: tuple[Policy, ...] = ()
    boundary: tuple[Policy, ...] | None = None
    session: tuple[Policy, ...] | None = None
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[tuple[Policy, ...], ...] = ()
    must_be_named: bool = False


@dataclass(frozen=True)
class Reason:
    """A statement that is about the request. on: unknown keys that it depends on; empty if it holds."""

    layer: Layer
    policy: Policy
    statement: Statement
    named: Named = ""
    on: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        return f"{self.statement.title} of {self.policy.name}"


@dataclass(frozen=True)
class Decision:
    """reasons: the statements that decide it. lacking: what does not allow it, if it is an implicit deny.

    depends_on: the unknown keys, in order, if it depends on them.
    """

    effect: Effect
    reasons: tuple[Reason, ...] = ()
    lacking: Layer | None = None
    depends_on: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.effect == "allow"


def decide(request: Request, policies: Policies) -> Decision:
    """Decides as if each unknown were against the caller, then as if it were for the caller."""
    context = request.context.with_defaults(
        {**dict(request.caller.keys()), "aws:ResourceAccount": request.owner or request.caller.account}
    )
    layers = tuple(_layers(policies, request.caller))
    reasons = tuple(tuple(_about(layer, of, request, context)) for layer, of in layers)
    worst = _settle(request, policies, layers, reasons, hope=False)
    best = _settle(request, policies, layers, reasons, hope=True)
    if worst.allowed or not best.allowed:
        return worst if worst.allowed else best
    unsure = tuple(one for of in reasons for one in of if one.on)
    keys = frozenset[str]().union(*(one.on for one in unsure))
    return Decision("depends", unsure, worst.lacking, tuple(sorted(keys)))


_Layers = tuple[tuple[Layer, tuple[Policy, ...]], ...]
_Reasons = tuple[tuple[Reason, ...], ...]


def _layers(policies: Policies, caller: Caller) -> Iterator[tuple[Layer, tuple[Policy, ...]]]:
    """The policies by type; a level of the organisation is a layer of its own."""
    yield from (("resource control policy", level) for level in policies.rcps)
    if caller.has_policies:
        # Not for services, which have none.
        yield from (("service control policy", level) for level in policies.scps)
        yield "identity-based policy", policies.identity
        if policies.boundary is not None:
            yield "permissions boundary", policies.boundary
        if policies.session is not None:
            yield "session policy", policies.session
    yield "resource-based policy", policies.resource


def _settle(
    request: Request, policies: Policies, layers: _Layers, reasons: _Reasons, *, hope: bool
) -> Decision:
    """The decision, where what is unknown is as hoped (allows hold, denies do not), or as feared."""
    found = [one for of in reasons for one in of]
    denies = tuple(one for one in found if not one.statement.allows and not (one.on and hope))
    if denies:
        return Decision("explicit deny", denies)
    allows = [
        (layer, tuple(one for one in of if one.statement.allows and (hope or not one.on)))
        for (layer, _), of in zip(layers, reasons, strict=True)
    ]
    by_resource = dict(allows)["resource-based policy"]
    ways = {one.named for one in by_resource}
    caller = request.caller
    same_account = not request.owner or request.owner == caller.account
    needed: list[Layer] = ["resource control policy", "service control policy"]
    if not caller.has_policies or (policies.must_be_named and not ways) or not (same_account or ways):
        needed.append("resource-based policy")
    elif not same_account or "itself" not in ways:
        # A role's session that the resource names by its role is limited by boundary and session policy, not
        # by the role's own policies; one that is named itself is limited by nothing.
        if not (same_account and "role" in ways) and not caller.is_root:
            needed.append("identity-based policy")
        needed += ["permissions boundary", "session policy"]
    for layer, of in allows:
        if layer in needed and not of:
            return Decision("implicit deny", lacking=layer)
    deciding = tuple(one for layer, of in allows if layer in needed for one in of)
    return Decision("allow", deciding + (() if "resource-based policy" in needed else by_resource))


def _about(
    layer: Layer, policies: tuple[Policy, ...], request: Request, context: Context
) -> Iterator[Reason]:
    for policy in policies:
        for statement in policy.statements:
            way: Named = ""
            if statement.principals is not None:
                way = _way(statement.principals, request.caller, allows=statement.allows)
                if not way:
                    continue
            if not _names_action(statement.actions, request.action):
                continue
            holds = all_of(
                (
                    _names_resource(statement.resources, request.resource, context, policy.has_variables),
                    *(conditions.holds(one, context, policy.has_variables) for one in statement.conditions),
                )
            )
            if holds.value is not False:
                yield Reason(layer, policy, statement, way, holds.on)


def _way(principals: Principals, caller: Caller, *, allows: bool) -> Named:
    if principals.negated:
        return "itself" if left_out(principals, caller, allows=allows) else ""
    return named(principals, caller)


def _names_action(actions: Patterns, action: str) -> bool:
    return any(action_matches(pattern, action) for pattern in actions.patterns) != actions.negated


def _names_resource(resources: Patterns | None, resource: str, context: Context, variables: bool) -> Truth:
    if resources is None:
        return YES
    found = any_of(resource_matches(one, resource, context, variables) for one in resources.patterns)
    return ~found if resources.negated else found
