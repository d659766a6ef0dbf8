"""Whether the caller has the permissions that a run needs, as IAM simulates it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.iam.allow_statement import AllowStatement
from ecr_push.base.iam.arn import filled
from ecr_push.base.place import Place
from ecr_push.pipeline.permissions.commands import permissions_of
from ecr_push.pipeline.permissions.wish import Scans, Wish
from ecr_push.registry.interface import ScanMode
from ecr_push.registry.repositories import CallerIdentity, Repositories
from ecr_push.settings.declare import Settings

# What a run does without, with a warning or with less information.
_DISPENSABLE = {"Lifecycle", "ScanSettings", "Events", "Metrics"}


@dataclass(frozen=True)
class Lack:
    """Actions of a step that are not allowed on a resource. certain: whatever the real call has."""

    step: str
    actions: tuple[str, ...]
    resource: str
    certain: bool

    @property
    def ends_a_run(self) -> bool:
        return self.certain and self.step not in _DISPENSABLE

    def __str__(self) -> str:
        what = "is not allowed" if self.certain else "depends on conditions of the real call"
        return f"{self.step}: {', '.join(self.actions)} on {self.resource} {what}"


def find_lacks(
    settings: Settings, caller: CallerIdentity, registry: Repositories, mode: ScanMode
) -> tuple[Lack, ...] | None:
    """What the caller lacks for a run, by its own policies; None where IAM may not be asked.

    A resource's own policy may allow it all the same, to a caller of its account.
    """
    place = Place(caller.region, caller.account)
    scans: Scans = mode if mode in ("basic", "enhanced") else "either"
    own = next(iter(permissions_of(Wish("run", settings, caller.region, scans)).values()))
    by_resource: dict[str, set[str]] = {}
    for statement, resource in _pairs(own, place):
        by_resource.setdefault(resource, set()).update(statement.actions)
    principal = principal_of(caller.arn)
    asked = {
        resource: background.start(
            partial(registry.refused, principal, sorted(actions), resource), "simulate policy"
        )
        for resource, actions in by_resource.items()
    }
    answers = {resource: one.result() for resource, one in asked.items()}
    refused = {resource: found for resource, found in answers.items() if found is not None}
    if len(refused) < len(answers):
        return None
    return tuple(_lacks(own, place, refused))


def principal_of(arn: str) -> str:
    """The role of a session, as IAM names it, unless it has a path; a user as it is."""
    parts = arn.split(":")
    if len(parts) != 6 or not parts[5].startswith("assumed-role/"):
        return arn
    role = parts[5].split("/")[1]
    return f"arn:{parts[1]}:iam::{parts[4]}:role/{role}"


def _pairs(statements: Sequence[AllowStatement], place: Place) -> Iterator[tuple[AllowStatement, str]]:
    for statement in statements:
        for resource in statement.resources:
            yield statement, filled(resource, place)


def _lacks(
    statements: Sequence[AllowStatement], place: Place, refused: Mapping[str, Mapping[str, bool]]
) -> Iterator[Lack]:
    for statement, resource in _pairs(statements, place):
        found = {
            action: certain for action, certain in refused[resource].items() if action in statement.actions
        }
        if found:
            yield Lack(statement.sid, tuple(sorted(found)), resource, all(found.values()))
