"""Who calls, and whether a policy's `Principal` names them. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.iam.document import Principals
from ecr_push.base.regex import lazy_regex

# How a policy names a caller, which decides what else must allow a request: the caller itself, the role of
# the caller's session, or the caller's whole account.
Named = Literal["", "account", "role", "itself"]

ACCOUNT = lazy_regex(r"\d{12}")
IAM_ARN = lazy_regex(
    r"arn:(?P<partition>aws[\w-]*):(?P<service>iam|sts)::(?P<account>\d{12}):"
    r"(?P<kind>root|user|role|assumed-role|federated-user|oidc-provider|saml-provider)(?:/(?P<name>.+))?"
)
SERVICE = lazy_regex(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)")


@dataclass(frozen=True)
class Caller:
    """Who makes a request.

    arn:       of a user, a role's session, a role (a session of it, whichever), or an account's root; "" for
               a service, a federated identity, and a caller without credentials.
    role_arn:  of the role whose session it is.
    service:   such as `lambda.amazonaws.com`. federated: the provider's ARN.
    user_id:   such as `AIDA…`, and `AROA…:SESSION`. tags: of the principal.
    """

    arn: str = ""
    account: str = ""
    role_arn: str = ""
    service: str = ""
    federated: str = ""
    user_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, who: str, *, role_arn: str = "", user_id: str = "", tags: Mapping[str, str] = {}) -> Caller:
        """Reads an ARN, an account's number (its root) or a service's name. Raises ValueError.

        role_arn: of a session's role, where it has a path, which the session's ARN leaves out.
        """
        if ACCOUNT.fullmatch(who):
            who = f"arn:aws:iam::{who}:root"
        if SERVICE.fullmatch(who):
            return cls(service=who)
        found = IAM_ARN.fullmatch(who)
        if not found or bool(found["name"]) == (found["kind"] == "root"):
            raise ValueError(
                f"{who[:200]!r} is not a principal: expected the ARN of a role, a user or a session, an "
                "account's number, or a service such as 'lambda.amazonaws.com'"
            )
        if found["kind"].endswith("-provider"):
            return cls(federated=who, account=found["account"])
        if found["kind"] == "role":
            role_arn = who
        elif found["kind"] == "assumed-role" and not role_arn:
            role = found["name"].partition("/")[0]
            role_arn = f"arn:{found['partition']}:iam::{found['account']}:role/{role}"
        return cls(who, found["account"], role_arn, user_id=user_id, tags=tags)

    @property
    def is_root(self) -> bool:
        return self.arn.endswith(":root")

    @property
    def has_policies(self) -> bool:
        """Whether policies of an identity say what it may: not for services and federated identities."""
        return bool(self.arn)

    def keys(self) -> Iterator[tuple[str, str]]:
        """The global condition keys that follow from who it is."""
        yield "aws:PrincipalIsAWSService", "true" if self.service else "false"
        if self.service:
            yield "aws:PrincipalServiceName", self.service
        if not self.arn:
            return
        yield "aws:PrincipalArn", self.role_arn or self.arn
        yield "aws:PrincipalAccount", self.account
        yield "aws:PrincipalType", self._type
        if self.user_id:
            yield "aws:userid", self.user_id
        if self._type == "User":
            yield "aws:username", self.arn.rpartition("/")[2]
        for tag, value in self.tags.items():
            yield f"aws:PrincipalTag/{tag}", value

    @property
    def _type(self) -> str:
        if self.role_arn:
            return "AssumedRole"
        return "Account" if self.is_root else "FederatedUser" if ":federated-user/" in self.arn else "User"


def named(principals: Principals, caller: Caller) -> Named:
    """How `Principal` names a caller; "" if it does not. For `NotPrincipal` see `left_out`."""
    ways = {way for name in principals.aws if (way := _by(name, caller))}
    for way in ("itself", "role", "account"):
        if way in ways:
            return way
    by_type = ((caller.service, principals.service), (caller.federated, principals.federated))
    return "itself" if any(who and (who in names or "*" in names) for who, names in by_type) else ""


def left_out(principals: Principals, caller: Caller, *, allows: bool) -> bool:
    """Whether a statement with `NotPrincipal` is about a caller.

    A `Deny` passes only a caller of whom it names everything: the session, its role, and the account.
    """
    if not caller.arn:
        return not named(principals, caller)
    names = set(principals.aws)
    chain = [{caller.arn}, {caller.account, _root(caller)}]
    if caller.role_arn:
        chain.append({caller.role_arn})
    hit = [bool(one & names) for one in chain]
    return "*" not in names and not (any(hit) if allows else all(hit))


def _by(name: str, caller: Caller) -> Named:
    if name == "*":
        # To everyone is to the session itself: no boundary limits it.
        return "itself"
    if not caller.arn:
        return ""
    if caller.role_arn and (name == caller.role_arn or _same_id(name, caller)):
        return "role"
    if name == caller.arn or (caller.user_id and name == caller.user_id):
        return "itself"
    return "account" if name in (caller.account, _root(caller)) else ""


def _same_id(name: str, caller: Caller) -> bool:
    return bool(name) and name == caller.user_id.partition(":")[0]


def _root(caller: Caller) -> str:
    partition = caller.arn.split(":")[1] if caller.arn else "aws"
    return f"arn:{partition}:iam::{caller.account}:root"
