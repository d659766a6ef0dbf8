"""Makes repositories as a plan says. Idempotent: what is done already is not done again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ecr_push.base import background
from ecr_push.base.clock import Clock
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.copy.pace import Pace
from ecr_push.registry.creation import did_not_get, mutability
from ecr_push.registry.interface import WantedRepository
from ecr_push.registry.repositories import Repositories
from ecr_push.upkeep.compare import compare
from ecr_push.upkeep.found import AT_ONCE, ATTEMPTS
from ecr_push.upkeep.model import RepositoryPlan, Wanted

Step = tuple[str, Callable[[], None]]  # what is changed, and what changes it; raises EcrPushError
_DEFAULTS = WantedRepository("", (), scan_on_push=None)  # ECR's own
CREATED = "created"
MOST_NAMED = 20
UNDER_WAY_SECONDS = 10.0  # that an interruption waits for repositories that are being changed


@dataclass(frozen=True)
class Changes:
    """Of one repository, one after the other. is_new: whether it is created."""

    name: str
    steps: Iterable[Step]
    is_new: bool


@dataclass(frozen=True)
class Applied:
    """What became of a plan. failed: by name, the error that ended its changes; the others went on."""

    changed: tuple[str, ...]
    failed: tuple[tuple[str, EcrPushError], ...]


def apply_plans(
    plans: Sequence[RepositoryPlan], registry: Repositories, clock: Clock, say: Callable[[str], None]
) -> Applied:
    """Carries out the plans. say: takes what was changed, in the order of the plans."""
    differing = [plan for plan in plans if plan.differs]
    changes = [Changes(one.name, _changes_of(one, registry), one.found is None) for one in differing]
    return apply_changes(changes, clock, say)


def apply_changes(changes: Sequence[Changes], clock: Clock, say: Callable[[str], None]) -> Applied:
    """Changes several repositories at once, and slower while AWS throttles it.

    say: takes what was changed, in this order.
    """
    pace = Pace(clock, AT_ONCE, ATTEMPTS)
    log = _OrderedLog(len(changes), say)
    calls = [partial(_apply, one, pace, log, at) for at, one in enumerate(changes)]
    try:
        errors = background.all_of(calls, "apply repository", AT_ONCE, UNDER_WAY_SECONDS)
    finally:  # after an interruption, too, for what was changed until then
        log.say_the_rest()
    ended = [(one.name, error) for one, error in zip(changes, errors, strict=True)]
    return Applied(
        tuple(name for name, error in ended if error is None),
        tuple((name, error) for name, error in ended if error is not None),
    )


def _unless_said(name: str, error: EcrPushError) -> str:
    return "" if error.what.startswith(f"{name} ") else name


def _named(names: Sequence[str]) -> str:
    return ", ".join(names) or "none" if len(names) <= MOST_NAMED else f"{len(names)}"


class Creation:
    """Creates something. That it is there already is a success where it is as it was to be.

    An attempt before had no answer, ours or one of the SDK's, or another pipeline has created the same.
    is_as_wanted: looks at what is there. Raises RegistryError.
    """

    def __init__(self, create: Callable[[], None], is_as_wanted: Callable[[], bool]) -> None:
        self._create = create
        self._is_as_wanted = is_as_wanted

    def __call__(self) -> None:
        try:
            self._create()
        except AwsRefusedError as refused:
            if not (refused.code.endswith("AlreadyExistsException") and self._is_as_wanted()):
                raise


class _OrderedLog:
    """Lines of several repositories. Those of one are said when those before it have ended. Thread-safe."""

    def __init__(self, number: int, say: Callable[[str], None]) -> None:
        self._lines: list[list[str]] = [[] for _ in range(number)]
        self._ended = [False] * number
        self._at = 0
        self._say = say
        self._lock = threading.Lock()

    def add(self, at: int, line: str) -> None:
        with self._lock:
            if at == self._at:
                self._say(line)
            else:
                self._lines[at].append(line)

    def end(self, at: int) -> None:
        with self._lock:
            self._ended[at] = True
            while self._at < len(self._ended) and self._ended[self._at]:
                self._say_next()

    def say_the_rest(self) -> None:
        with self._lock:
            while self._at < len(self._ended):
                self._say_next()

    def _say_next(self) -> None:
        self._at += 1
        for line in self._lines[self._at] if self._at < len(self._lines) else ():
            self._say(line)


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
            f"- {': '.join(filter(None, (_unless_said(name, error), error.what, error.why, error.remedy)))}"
            for name, error in applied.failed
        ),
        remedy=f"run again after the cause is removed; done: {_named(applied.changed)}",
    )


def _apply(changes: Changes, pace: Pace, log: _OrderedLog, at: int) -> EcrPushError | None:
    """Makes the changes of one repository. Returns the error that ended them."""
    try:
        for what, make in changes.steps:
            try:
                pace.persist(make)
            except RegistryError as error:
                if changes.is_new and what != CREATED:
                    return did_not_get(changes.name, what, error)
                return error
            log.add(at, f"{changes.name}: {what}")
        return None
    except EcrPushError as error:
        return error
    finally:
        log.end(at)


def _changes_of(plan: RepositoryPlan, registry: Repositories) -> Iterator[Step]:
    name, wanted = plan.name, plan.wanted
    if plan.found is not None:
        for key in [change.key for change in plan.changes if change.can_be_made]:
            yield key, partial(_CHANGES[key], registry, name, plan.found.arn, wanted)
        return
    new = to_create(wanted)
    yield CREATED, Creation(partial(registry.create, name, new), partial(_is_as_wanted, plan, registry))
    if new.lifecycle:
        yield "lifecycle", partial(registry.put_lifecycle, name, new.lifecycle)
    if new.policy:
        yield "policy", partial(registry.put_policy, name, new.policy)


def _is_as_wanted(plan: RepositoryPlan, registry: Repositories) -> bool:
    """Whether the repository that is there now lacks nothing but the policies that are put next."""
    described = registry.describe([plan.name])
    if plan.name not in described:
        return False
    found = registry.settings(plan.name, described[plan.name])
    lifecycle, policy, tags = (
        registry.lifecycle(plan.name),
        registry.policy(plan.name),
        registry.tags(found.arn),
    )
    found = replace(found, lifecycle=lifecycle, policy=policy, tags=tags)
    put_next = {key for key in ("lifecycle", "policy") if getattr(plan.wanted, key)}
    return {change.key for change in compare(found, plan.wanted)} <= put_next


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
