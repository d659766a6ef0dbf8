"""The kinds of policies, and what sets each apart. Pure."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of policy: what its statements must have, and must not have.

    title:      what messages call it.
    principal:  names who is meant; a policy of an identity is the identity's.
    resource:   names what is meant; a repository's policy is the repository's.
    service:    the only service whose actions it may name; "" for any.
    """

    title: str
    principal: bool
    resource: bool
    service: str = ""


# Also for permissions boundaries, session policies and those of an organisation.
IDENTITY = Kind("a policy of an identity", principal=False, resource=True)
REPOSITORY = Kind("a repository's policy", principal=True, resource=False, service="ecr")
PUBLIC_REPOSITORY = Kind("a repository's policy", principal=True, resource=False, service="ecr-public")
REGISTRY = Kind("the registry's policy", principal=True, resource=True, service="ecr")
KEY = Kind("a policy of a KMS key", principal=True, resource=True)
TRUST = Kind("a role's trust policy", principal=True, resource=False, service="sts")
