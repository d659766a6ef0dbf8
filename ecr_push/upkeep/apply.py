"""Makes repositories as a plan says. Idempotent: what is done already is not done again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.registry.creation import mutability
from ecr_push.registry.interface import WantedRepository
from ecr_push.registry.repositories import Repositories
from ecr_push.upkeep.model import RepositoryPlan, Wanted

Step = tuple[str, Callable[[], None]]  # what is changed, and what changes it; raises EcrPushError
_DEFAULTS = WantedRepository("", (), scan_on_push=None)  # ECR's own


@dataclass(frozen=True)
class Applied:
    """What became of a plan. failed: by name, the error that ended its changes; the others went on."""

    changed: tuple[str, ...]
    failed: tuple[tuple[str, EcrPushError], ...]


def apply_plans(
    plans: Sequence[RepositoryPlan], registry: Repositories, say: Callable[[str], None]
) -> Applied:
    """Carries out the plans, one repository after the other. say: takes each change when it is made."""
    return apply_steps([(plan.name, partial(_apply, plan, registry, say)) for plan in plans if plan.differs])


def apply_steps(steps: Sequence[Step]) -> Applied:
    """One after the other; one that fails does not hold up the others."""
    changed: list[str] = []
    failed: list[tuple[str, EcrPushError]] = []
    for name, make in steps:
        try:
            make()
        except EcrPushError as error:
            failed.append((name, error))
        else:
            changed.append(name)
    return Applied(tuple(changed), tuple(failed))


def failure_of(applied: Applied, what: str) -> RegistryError:
    """The error that a command ends with where some failed. what: they are, in words."""
    return RegistryError(
        f"{len(applied.failed)} of {len(applied.failed) + len(applied.changed)} {what} failed",
        why="\n".join(
            f"- {': '.join(filter(None, (name, error.what, error.why, error.remedy)))}"
            for name, error in applied.failed
        ),
        remedy=f"run again after the cause is removed; done: {', '.join(applied.changed) or 'none'}",
    )


def _apply(plan: RepositoryPlan, registry: Repositories, say: Callable[[str], None]) -> None:
    wanted = plan.wanted
    if plan.found is None:
        registry.create(plan.name, to_create(wanted), lambda what: say(f"{plan.name}: {what}"))
        return
    for key in [change.key for change in plan.changes if change.can_be_made]:
        _CHANGES[key](registry, plan.name, plan.found.arn, wanted)
        say(f"{plan.name}: {key}")


def to_create(wanted: Wanted, otherwise: WantedRepository = _DEFAULTS) -> WantedRepository:
    """A repository that is created as a file says. otherwise: what it is where the file says nothing."""
    kind, exceptions = otherwise.mutability, otherwise.exclusions
    if wanted.mutability:
        exceptions = wanted.exceptions or ()
        kind = wanted.mutability + ("_WITH_EXCLUSION" if exceptions else "")
    return WantedRepository(
        kind,
        exceptions,
        wanted.kms_key or ("" if wanted.encryption else otherwise.kms_key),
        otherwise.scan_on_push if wanted.scan_on_push is None else wanted.scan_on_push,
        otherwise.lifecycle if wanted.lifecycle is None else wanted.lifecycle,
        wanted.encryption or otherwise.encryption,
        wanted.policy or "",
        wanted.tags or {},
    )


def _mutability(wanted: Wanted) -> dict[str, Any]:
    made = to_create(wanted)
    return mutability(made.mutability, made.exclusions)


_Put = Callable[[Repositories, str, str, Wanted], None]
_CHANGES: dict[str, _Put] = {
    "mutability": lambda registry, name, arn, wanted: registry.put_mutability(name, **_mutability(wanted)),
    "scan-on-push": lambda registry, name, arn, wanted: registry.put_scan_on_push(
        name, on=bool(wanted.scan_on_push)
    ),
    "lifecycle": lambda registry, name, arn, wanted: registry.put_lifecycle(name, wanted.lifecycle or ""),
    "policy": lambda registry, name, arn, wanted: registry.put_policy(name, wanted.policy or ""),
    "tags": lambda registry, name, arn, wanted: registry.put_tags(arn, wanted.tags or {}),
}
