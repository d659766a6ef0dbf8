"""Decides whether a caller may make a call, refuses it in AWS's words, and remembers what was used."""

from __future__ import annotations

import functools
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug import Request

from ecr_push.base.iam.context import Context
from ecr_push.base.iam.decide import Decision, Policies, decide
from ecr_push.base.iam.decide import Request as Question
from ecr_push.base.iam.document import Patterns, Policy, Statement
from ecr_push.base.iam.principal import Caller
from ecr_push.base.iam.read import PolicyError
from ecr_push.sandbox import policy_document
from ecr_push.sandbox.identity import CallerIdentity, identity_error
from ecr_push.sandbox.model import EcrError, Kind
from ecr_push.sandbox.permissions.need import Need
from ecr_push.sandbox.permissions.setup import Principal, Setup, caller_of
from ecr_push.sandbox.state import State

# What version 1 of the registry's policy is about; version 2 is about every call.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create.html
_OF_FIRST_VERSION = {"ecr:ReplicateImage", "ecr:BatchImportUpstreamImage", "ecr:CreateRepository"}
_TRUST = "role trust policy"
_EVERYTHING = Policy(
    "AdministratorAccess",
    (Statement("Statement[0]", "", allows=True, actions=Patterns(("*",)), resources=Patterns(("*",))),),
)


class Guard:
    """Without a setup every caller may do everything, except one that may do nothing.

    setup: the one that applies now; None for none.
    """

    def __init__(self, state: State, setup: Callable[[], Setup | None] = lambda: None) -> None:
        self._state = state
        self._setup = setup
        self._lock = threading.Lock()
        self._used: Counter[tuple[str, str, str, str, tuple[str, ...]]] = Counter()

    @property
    def is_on(self) -> bool:
        return self._setup() is not None

    def check(
        self,
        service: str,
        identity: CallerIdentity,
        needs: Iterable[Need],
        request: Request,
        *,
        federated: str = "",
    ) -> None:
        """Raises EcrError AccessDeniedException for the first permission that the caller lacks.

        federated: for a caller with an OIDC token, the provider's ARN.
        """
        setup = self._setup()
        caller = Caller(federated=federated) if federated else _caller(setup, identity)
        for need in needs:
            if setup is None:
                if not identity.allowed:
                    refusal = Decision("implicit deny", lacking="identity-based policy")
                    raise _denied(service, identity, need, refusal)
                continue
            decision = decide(
                Question(caller, need.action, need.resource, need.owner, self._context(setup, need, request)),
                self._policies(setup, identity, need),
            )
            self._remember(identity.arn or federated, need, decision)
            if not decision.allowed:
                raise _denied(service, identity, need, decision)

    def simulate(self, principal: str, action: str, resource: str, keys: Mapping[str, Any]) -> Decision:
        """What the policies of a principal say of a call, without those of its resource.

        Raises EcrError NoSuchEntity for a principal that the setup does not have.
        """
        setup = self._setup()
        found = setup.of_arn(principal) if setup else None
        if setup and not found:
            name = principal.rpartition("/")[2]
            raise EcrError("NoSuchEntity", f"The principal with name {name} cannot be found.", 404)
        of_identity = found.policies if found else (_EVERYTHING,)
        question = Question(caller_of(principal, "", "", {}), action, resource, context=Context.of(keys))
        scps = setup.scps if setup else ()
        return decide(question, Policies(of_identity, (), found.boundary if found else None, scps=scps))

    def used(self) -> list[dict[str, Any]]:
        """What was asked and decided since the start or the last `forget`, with the deciding statements."""
        names = ("principal", "action", "resource", "effect", "statements")
        with self._lock:
            return [
                {**dict(zip(names, key, strict=True)), "count": count}
                for key, count in sorted(self._used.items())
            ]

    def forget(self) -> None:
        with self._lock:
            self._used.clear()

    def _remember(self, who: str, need: Need, decision: Decision) -> None:
        statements = tuple(
            dict.fromkeys(f"{one.policy.name}: {one.statement.title}" for one in decision.reasons)
        )
        with self._lock:
            self._used[who, need.action, need.resource, decision.effect, statements] += 1

    def _policies(self, setup: Setup, identity: CallerIdentity, need: Need) -> Policies:
        principal = _principal(setup, identity)
        of_identity = principal.policies if principal else (_EVERYTHING,) if identity.allowed else ()
        boundary = principal.boundary if principal else None
        if need.action.startswith("sts:AssumeRole"):
            role = setup.of_arn(need.resource)
            return Policies(
                of_identity,
                role.trust if role else (),
                boundary,
                identity.session_policies,
                setup.scps,
                must_be_named=True,
            )
        resource = self._of_resource(need)
        return Policies(of_identity, resource, boundary, identity.session_policies, setup.scps)

    def _of_resource(self, need: Need) -> tuple[Policy, ...]:
        """The policies of the repository and of its registry."""
        if not need.action.startswith(("ecr:", "ecr-public:")):
            return ()
        kind: Kind = "public" if need.action.startswith("ecr-public:") else "private"
        found = (
            _read(need.repository.policy_text, "repository", kind) if need.repository else None,
            self._of_registry(need.action) if kind == "private" else None,
        )
        return tuple(one for one in found if one)

    def _of_registry(self, action: str) -> Policy | None:
        extra = self._state.settings.extra
        if extra.get("account", {}).get("REGISTRY_POLICY_SCOPE") == "V1" and action not in _OF_FIRST_VERSION:
            return None
        return _read(extra.get(policy_document.REGISTRY_POLICY) or "", "registry", "private")

    def _context(self, setup: Setup, need: Need, request: Request) -> Context:
        tags = need.repository.resource_tags if need.repository else {}
        now = self._state.clock()
        return Context.of(
            {
                "aws:CurrentTime": str(now),
                "aws:EpochTime": str(int(now)),
                "aws:RequestedRegion": self._state.region,
                "aws:SecureTransport": "true" if request.is_secure else "false",
                "aws:SourceIp": request.remote_addr or "127.0.0.1",
                "aws:UserAgent": request.headers.get("User-Agent", ""),
                "aws:ViaAWSService": "false",
                **{f"aws:ResourceTag/{key}": value for key, value in tags.items()},
                **{f"ecr:ResourceTag/{key}": value for key, value in tags.items()},
                **need.context,
                **setup.context,
            }
        )


def _caller(setup: Setup | None, identity: CallerIdentity) -> Caller:
    principal = _principal(setup, identity) if setup else None
    tags: Mapping[str, str] = principal.tags if principal else {}
    return caller_of(identity.arn, identity.role_arn, identity.user_id, tags)


def _principal(setup: Setup, identity: CallerIdentity) -> Principal | None:
    return setup.of_arn(identity.role_arn or identity.arn)


@functools.lru_cache(maxsize=256)
def _read(text: str, of: policy_document.Of, kind: Kind) -> Policy | None:
    try:
        return policy_document.read(text, of, kind) if text else None
    except PolicyError:
        return None  # stored by an older sandbox, which read less strictly


def _denied(service: str, identity: CallerIdentity, need: Need, decision: Decision) -> EcrError:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""
    trusts = need.action.startswith("sts:AssumeRole")

    def title(layer: str) -> str:
        return _TRUST if trusts and layer == "resource-based policy" else layer

    if decision.effect == "explicit deny":
        layer = title(decision.reasons[0].layer)
        why = f"with an explicit deny in {'an' if layer.startswith('i') else 'a'} {layer}"
    else:
        why = (
            f"because no {title(decision.lacking or 'identity-based policy')} allows the {need.action} action"
        )
    return identity_error(
        service,
        "AccessDeniedException",
        f"User: {identity.arn or 'anonymous'} is not authorized to perform: {need.action} on resource: "
        f"{need.resource} {why}",
    )
