"""A permission that a call needs, and on which resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ecr_push.base.partition import partition_of
from ecr_push.sandbox.model import Kind, StoredRepository
from ecr_push.sandbox.state import State


@dataclass(frozen=True)
class Need:
    """A permission. repository: the one that it is about, if there is one. owner: the resource's account.

    context: condition keys that follow from the parameters.
    """

    action: str
    resource: str = "*"
    owner: str = ""
    repository: StoredRepository | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


def on_repository(
    action: str,
    kind: Kind,
    state: State,
    name: str,
    *,
    registry: str = "",
    context: Mapping[str, Any] | None = None,
) -> Need:
    """A permission on a repository, which need not be there; `*` for all. action: such as `PutImage`.

    registry: the account whose registry it is; "" for the sandbox's own.
    """
    registry = registry or state.account
    repository = next(
        (one for one in state.repositories.all(kind) if one.name == name and registry == state.account), None
    )
    service = "ecr-public" if kind == "public" else "ecr"
    home = (
        f"arn:aws:{service}::{registry}"
        if kind == "public"
        else f"arn:{partition_of(state.region)}:{service}:{state.region}:{registry}"
    )
    return Need(f"{service}:{action}", f"{home}:repository/{name}", registry, repository, context or {})
