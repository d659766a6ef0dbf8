"""Whether a principal may do this with a repository, call by call, and why. Pure.

What is not known is never taken as allowed: an answer says what it depends on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.iam.context import Context
from ecr_push.base.iam.decide import Policies, Reason, Request, decide
from ecr_push.base.iam.document import Patterns, Policy, Principals, Statement
from ecr_push.base.iam.ecr_actions import WITHOUT_RESOURCE
from ecr_push.base.place import Place
from ecr_push.upkeep.access.question import Subject, Values
from ecr_push.upkeep.policies.render import repository_arn

Verdict = Literal["yes", "no", "depends"]
ITS_OWN = "its own policies"
OF_REPOSITORY = "the repository's policy"
OF_REGISTRY = "the registry's policy"
VERSION = "the version of the registry's policy"
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create.html
_OF_FIRST_VERSION = ("ecr:BatchImportUpstreamImage", "ecr:CreateRepository", "ecr:ReplicateImage")
# In the place of a policy that is not known.
_ALL = Patterns(("*",))
_ALLOWS = Policy("", (Statement("", "", True, _ALL, _ALL, Principals(aws=("*",), service=("*",))),))
_TAGS = ("aws:ResourceTag", "ecr:ResourceTag")
_SHOWN = 3
_LACKING = {
    "identity-based policy": "its own policies do not allow it",
    "resource-based policy": "no policy of the repository or the registry allows it",
    "permissions boundary": "its permissions boundary does not allow it",
    "session policy": "its session policy does not allow it",
    "service control policy": "a service control policy does not allow it",
    "resource control policy": "a resource control policy does not allow it",
}


@dataclass(frozen=True)
class Situation:
    """What applies to a repository. None for policies that are not known.

    place, name: the repository. tags: its own; None where they are not known.
    identity: of the principal. repository, registry: of the repository and its registry; a policy without
    statements for one that has none.
    others: the permissions boundary, and those of the session and the organisation.
    registry_version: of the registry's policy: 1 is about a few actions alone; 0 where it is not known.
    given: the request's condition keys, besides what follows from principal and repository.
    """

    place: Place
    name: str
    tags: Mapping[str, str] | None
    repository: Policy | None
    registry: Policy | None
    identity: tuple[Policy, ...] | None = None
    others: Policies = field(default_factory=Policies)
    given: Values = field(default_factory=dict)
    registry_version: int = 2


@dataclass(frozen=True)
class Answer:
    """About one call. by: the statements that decide it. why: in words.

    depends_on: condition keys and policies that are not known, if it depends on them.
    lacking: which kind of policy does not allow it, "" unless that is why not.
    """

    action: str
    resource: str
    verdict: Verdict
    why: str
    by: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    lacking: str = ""


def answer(actions: Iterable[str], subject: Subject, situation: Situation) -> tuple[Answer, ...]:
    return tuple(_answer(action, subject, situation) for action in actions)


def verdict_of(answers: Sequence[Answer]) -> Verdict:
    """Of all calls together."""
    verdicts = {one.verdict for one in answers}
    return "no" if "no" in verdicts else "depends" if "depends" in verdicts else "yes"


def _answer(action: str, subject: Subject, situation: Situation) -> Answer:
    if situation.registry_version or action in _OF_FIRST_VERSION:
        return _decided(action, subject, situation)
    first, second = (_decided(action, subject, replace(situation, registry_version=one)) for one in (1, 2))
    if first.verdict == second.verdict:
        return second
    return replace(
        second, verdict="depends", why=f"depends on {VERSION}", by=(), depends_on=(VERSION,), lacking=""
    )


def _decided(action: str, subject: Subject, situation: Situation) -> Answer:
    """Decides as if each policy that is not known allowed the call: what is refused then is refused."""
    caller, place = subject.caller, situation.place
    has_resource = action.removeprefix("ecr:") not in WITHOUT_RESOURCE
    resource = repository_arn(situation.name, place) if has_resource else "*"
    # A call without a repository goes to the caller's own registry.
    owner = place.account if has_resource else caller.account
    on_resource: dict[str, Policy | None] = {OF_REPOSITORY: situation.repository} if has_resource else {}
    if owner == place.account and (situation.registry_version != 1 or action in _OF_FIRST_VERSION):
        on_resource |= {OF_REGISTRY: situation.registry}
    unknown = [name for name, policy in on_resource.items() if policy is None]
    identity = situation.identity
    if identity is None and caller.has_policies and not caller.is_root:
        unknown.append(ITS_OWN)
    decision = decide(
        Request(caller, action, resource, owner, _context(subject, situation, has_resource=has_resource)),
        replace(
            situation.others,
            identity=(_ALLOWS,) if identity is None else identity,
            resource=tuple(policy or _ALLOWS for policy in on_resource.values()),
        ),
    )
    by = _titles(decision.reasons)
    if decision.effect == "explicit deny":
        return Answer(action, resource, "no", f"denied by {_joined(by)}", by)
    if decision.effect == "implicit deny":
        lacking = decision.lacking or ""
        return Answer(action, resource, "no", _LACKING.get(lacking, "nothing allows it"), lacking=lacking)
    keys = _as_written(decision.depends_on, decision.reasons)
    if not unknown and not keys:
        return Answer(action, resource, "yes", _joined(by) or "it is the account's root", by)
    which = f" ({_joined(by)})" if keys and by else ""
    on = (*([f"{_joined(keys)}{which}"] if keys else ()), *unknown)
    return Answer(action, resource, "depends", f"depends on {_joined(on)}", by, (*keys, *unknown))


def _context(subject: Subject, situation: Situation, *, has_resource: bool) -> Context:
    """What is known of the request; a key that is not there is unknown."""
    tags = situation.tags if has_resource else {}
    own = {f"{key}/{tag}": (value,) for key in _TAGS for tag, value in (tags or {}).items()}
    values = {
        "aws:RequestedRegion": (situation.place.region,),
        "aws:SecureTransport": ("true",),  # ECR has no other endpoints
        **own,
        **subject.context,
    }
    given = {key.lower() for key in situation.given}
    kept = {key: value for key, value in values.items() if key.lower() not in given}
    whole = () if tags is None else tuple(f"{key}/" for key in _TAGS)
    return Context.of({**kept, **situation.given}, is_whole=False, whole=whole)


def _titles(reasons: Iterable[Reason]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.title for one in reasons if one.policy is not _ALLOWS))


def _as_written(keys: Iterable[str], reasons: Iterable[Reason]) -> tuple[str, ...]:
    """Keys as the policies spell them."""
    written = {
        condition.key.lower(): condition.key for one in reasons for condition in one.statement.conditions
    }
    return tuple(written.get(key, key) for key in keys)


def _joined(texts: Sequence[str]) -> str:
    """`a, b and c`, of the first few."""
    shown = [*texts[:_SHOWN], *([f"{len(texts) - _SHOWN} more"] if len(texts) > _SHOWN else ())]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1] if shown else "")))
