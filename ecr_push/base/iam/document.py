"""A policy that was read: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html."""

from __future__ import annotations

from typing import Literal

from ecr_push.base.dataclass import dataclass

Quantifier = Literal["", "ForAllValues", "ForAnyValue"]
WITH_VARIABLES = "2012-10-17"
VERSIONS = ("2008-10-17", WITH_VARIABLES)


@dataclass(frozen=True)
class Condition:
    """One key of a statement's `Condition`. operator: without quantifier and `IfExists`."""

    operator: str
    key: str
    values: tuple[str, ...]
    quantifier: Quantifier = ""
    if_exists: bool = False


@dataclass(frozen=True)
class Patterns:
    """What `Action` or `Resource` names. negated: `NotAction`, `NotResource`."""

    patterns: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class Principals:
    """What `Principal` names, by type; `"*"` alone is `*` in aws. negated: `NotPrincipal`."""

    aws: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True)
class Statement:
    """A statement. place: such as `Statement[0]`.

    principals: None in a policy of an identity.
    resources:  None where the policy is attached to the only resource that it can be about.
    """

    place: str
    sid: str
    allows: bool
    actions: Patterns
    resources: Patterns | None = None
    principals: Principals | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.place} ({self.sid})" if self.sid else self.place


@dataclass(frozen=True)
class Policy:
    """A policy. name: what a message calls it, such as `the repository's policy`."""

    name: str
    statements: tuple[Statement, ...]
    version: str = WITH_VARIABLES

    @property
    def has_variables(self) -> bool:
        """Whether `${…}` means something in it: only in the later version of the language."""
        return self.version == WITH_VARIABLES
