"""The exceptions of several policies, by their end: the story of `ecr-push policy exceptions`."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import SettingsError, as_one
from ecr_push.base.fences import Fences
from ecr_push.policy.files import S3
from ecr_push.policy.load import load_effective
from ecr_push.policy.model import PolicyException
from ecr_push.policy.options import PolicyOptions
from ecr_push.policy.read_object import ReadObject

State = Literal["ended", "soon", "later", "until-fixed", "no-end"]
_DAY = 86_400


@dataclass(frozen=True)
class ListedExceptions:
    """at: now, in UTC. soon: seconds. policies: as they were named. found: what ends first comes first."""

    at: datetime
    soon: float
    policies: tuple[str, ...]
    found: tuple[PolicyException, ...]

    def days_left(self, one: PolicyException) -> int | None:
        """0 on its last day; less once it has ended; None for no date."""
        return (one.until - self.at.date()).days if one.until else None

    def state(self, one: PolicyException) -> State:
        left = self.days_left(one)
        if left is None:
            return "until-fixed" if one.until_fixed else "no-end"
        if left < 0:
            return "ended"
        return "soon" if left * _DAY <= self.soon else "later"

    def count(self, state: State) -> int:
        return sum(self.state(one) == state for one in self.found)


def list_exceptions(
    policies: Mapping[str, str],
    options: PolicyOptions,
    read_object: ReadObject,
    fences: Fences,
    now: datetime,
    soon: float,
) -> ListedExceptions:
    """Each exception once, also one of a policy that several extend.

    policies: each with what names it, for a message. options: what holds for all of them.
    soon:     see `ListedExceptions`.

    Raises SettingsError with the mistakes of all policies, RegistryError for S3.
    """
    found: dict[tuple[str, str], PolicyException] = {}
    wrong: list[SettingsError] = []
    for path, origin in policies.items():
        try:
            own = replace(options, policy=path)
            _, policy = load_effective(own, read_object, fences, {"policy": origin})
        except SettingsError as error:
            wrong.append(error)
            continue
        for one in policy.exceptions:
            where = _short(one.where)
            found.setdefault((where, str(one.what)), replace(one, where=where))
    if wrong:
        raise as_one(wrong)
    # What has no date comes last, where it cannot be overlooked as what has no end at all.
    ordered = sorted(
        found.values(), key=lambda one: (one.until is None, one.until or date.max, not one.until_fixed)
    )
    return ListedExceptions(now, soon, tuple(policies), tuple(ordered))


def _short(where: str) -> str:
    """A place without the way that `extends` has taken, as the file is read: not `teams/../central.yml`."""
    path, mark, line = where.rpartition(", line ")
    return where if not mark or path.startswith(S3) else f"{os.path.normpath(path)}{mark}{line}"
