"""Makes repositories as a plan says. Idempotent: what is done already is not done again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.registry.repositories import Repositories
from ecr_push.upkeep.model import RepositoryPlan, Wanted

Step = tuple[str, Callable[[], None]]  # what is changed, and what changes it; raises EcrPushError


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
        arn = registry.create(plan.name, **creation(wanted))
        say(f"{plan.name}: created")
        keys = [key for key in ("lifecycle", "policy") if getattr(wanted, key)]
        keys += ["tags"] if wanted.tags else []
    else:
        arn, keys = plan.found.arn, [change.key for change in plan.changes if change.can_be_made]
    for key in keys:
        _CHANGES[key](registry, plan.name, arn, wanted)
        say(f"{plan.name}: {key}")


def creation(wanted: Wanted) -> dict[str, Any]:
    """The parameters of CreateRepository for what can be given with it; the rest is put afterwards."""
    parameters: dict[str, Any] = dict(_mutability(wanted)) if wanted.mutability else {}
    if wanted.scan_on_push is not None:
        parameters["imageScanningConfiguration"] = {"scanOnPush": wanted.scan_on_push}
    if wanted.encryption is not None:
        key = {"kmsKey": wanted.kms_key} if wanted.kms_key else {}
        parameters["encryptionConfiguration"] = {"encryptionType": wanted.encryption, **key}
    return parameters


def _mutability(wanted: Wanted) -> dict[str, Any]:
    if not wanted.exceptions:
        return {"imageTagMutability": wanted.mutability}
    return {
        "imageTagMutability": f"{wanted.mutability}_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": [
            {"filterType": "WILDCARD", "filter": one} for one in wanted.exceptions
        ],
    }


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
