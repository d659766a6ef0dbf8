"""What the file of a CI can say, and where a run stands in it: what differs between the CIs."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.delivery.moving.gather import BuiltImage
from ecr_push.delivery.moving.rule_values import Enable
from ecr_push.delivery.moving.secret_arguments import SecretArgument
from ecr_push.delivery.moving.shell.operations import Condition, Operation
from ecr_push.delivery.moving.values import Fact, Value


@dataclass(frozen=True)
class Place:
    """instead_of: the operation in whose place a run stands. folder, conditions: that hold there."""

    instead_of: Operation
    folder: str | None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Ways:
    """What a CI's file can hold: see `rule_values`; and where the run of an image stands in it.

    secret: what hands a secret over there, given the build argument that it is now.
    stored: the variables that the CI's store of secrets gives.
    push: what says whether it pushes: where all conditions of one of the lists hold. Without it each tag has
    all of its own.
    can_deploy: whether a command that deploys can become one of ours. pushed: the repository of an image that
    another part of the file pushes. others: images that steps before a command push, beside its scripts.
    has_commit: see `rules_of`.
    has_conditions: whether a run can stand under the conditions of its build.
    """

    enable: Enable
    can_say: Callable[[Fact], bool]
    place: Callable[[BuiltImage], Place]
    secret: Callable[[SecretArgument], str]
    push: Callable[[Sequence[Sequence[Condition]]], Fact | None] | None = None
    has_conditions: bool = True
    stored: Container[str] = ()
    can_deploy: Callable[[Operation], bool] | None = None
    pushed: Callable[[Value], Value | None] = lambda _: None
    has_commit: bool = False
    others: Callable[[Operation], Sequence[Value]] = lambda _: ()
