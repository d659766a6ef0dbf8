"""Many repositories are changed at once; one that fails holds up no other, and each line is in its place."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from ecr_push.base.errors import EcrPushError, Interrupted, RegistryError
from ecr_push.registry.aws.errors import AwsRefusedError, AwsUnreachableError
from ecr_push.registry.interface import WantedRepository
from ecr_push.registry.repositories import Repositories, RepositorySettings
from ecr_push.upkeep.apply import apply_plans
from ecr_push.upkeep.compare import compare
from ecr_push.upkeep.found import AT_ONCE
from ecr_push.upkeep.model import RepositoryPlan, Wanted
from tests.support.fakes import FakeClock

NAMES = [f"team/{number:03}" for number in range(60)]
THROTTLED = AwsRefusedError("ThrottlingException", "Rate exceeded", "ecr:X", 400)
WANTED = Wanted(mutability="IMMUTABLE", lifecycle='{"rules": []}', tags={"team": "shop"})


class Registry(Repositories):
    """Does what before says, before each call. there: what is found of a repository."""

    def __init__(
        self,
        before: Callable[[str, str], None] = lambda name, call: None,
        there: RepositorySettings | None = None,
    ) -> None:
        self._there = there
        self.clock = FakeClock()
        self.made: list[tuple[str, str]] = []
        self.most = 0
        self._before = before
        self._now = 0
        self._lock = threading.Lock()

    def describe(self, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        return {self._there.name: {}} if self._there and self._there.name in names else {}

    def settings(self, name: str, described: Mapping[str, Any]) -> RepositorySettings:
        assert self._there
        return replace(self._there, lifecycle="", policy="", tags={})

    def lifecycle(self, name: str) -> str:
        return self._there.lifecycle if self._there else ""

    def policy(self, name: str) -> str:
        return self._there.policy if self._there else ""

    def tags(self, arn: str) -> Mapping[str, str]:
        return self._there.tags if self._there else {}

    def create(self, name: str, wanted: WantedRepository) -> None:
        self._make(name, "create")

    def put_mutability(self, name: str, **parameters: object) -> None:
        self._make(name, "mutability")

    def put_lifecycle(self, name: str, policy: str) -> None:
        self._make(name, "lifecycle")

    def put_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        self._make(arn, "tags")

    def _make(self, name: str, call: str) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            self._before(name, call)
        finally:
            with self._lock:
                self._now -= 1
        with self._lock:
            self.made.append((name, call))


def new(name: str) -> RepositoryPlan:
    return RepositoryPlan(name, WANTED, None, ())


def there(name: str) -> RepositoryPlan:
    found = RepositorySettings(name, name, "MUTABLE", (), False, "AES256", "")
    return RepositoryPlan(name, WANTED, found, compare(found, WANTED))


PLANS = [*map(new, NAMES[:30]), *map(there, NAMES[30:])]
CALLS = [
    *((name, call) for name in NAMES[:30] for call in ("create", "lifecycle")),
    *((name, call) for name in NAMES[30:] for call in ("mutability", "lifecycle", "tags")),
]
LINES = [f"{name}: {'created' if call == 'create' else call}" for name, call in CALLS]


@pytest.mark.parametrize("error", [None, THROTTLED, AwsUnreachableError("the connection ended")])
def test_each_change_is_made_once_and_said_in_the_order_of_the_plans(error: EcrPushError | None) -> None:
    refused = Counter[tuple[str, str]]()

    def before(name: str, call: str) -> None:
        refused[name, call] += 1
        if error is not None and refused[name, call] <= int(name[-1]) % 3:
            raise error

    registry = Registry(before)
    said: list[str] = []
    applied = apply_plans(PLANS, registry, registry.clock, said.append)
    assert applied.changed == tuple(NAMES) and not applied.failed
    assert said == LINES
    assert sorted(registry.made) == sorted(CALLS)
    assert registry.most <= AT_ONCE
    assert (registry.clock.seconds > 0) == (error is not None)


def test_repositories_are_changed_at_the_same_time() -> None:
    all_at_once = threading.Barrier(AT_ONCE, timeout=120)
    registry = Registry(lambda name, call: (all_at_once.wait(), None)[1])
    assert not apply_plans(PLANS[:AT_ONCE], registry, registry.clock, [].append).failed
    assert registry.most == AT_ONCE


def test_one_that_fails_holds_up_no_other_and_makes_no_more_changes() -> None:
    def before(name: str, call: str) -> None:
        if call == "lifecycle" and name in (NAMES[3], NAMES[33]):
            raise AwsRefusedError("InvalidParameterException", "no", "ecr:PutLifecyclePolicy", 400)

    registry = Registry(before)
    said: list[str] = []
    applied = apply_plans(PLANS, registry, registry.clock, said.append)
    lost = {(NAMES[3], "lifecycle"), (NAMES[33], "lifecycle"), (NAMES[33], "tags")}
    assert sorted(registry.made) == sorted(set(CALLS) - lost)
    assert said == [line for call, line in zip(CALLS, LINES, strict=True) if call not in lost]
    (created, first), (changed, second) = applied.failed
    assert (created, first.what) == (NAMES[3], f"{NAMES[3]} was created, and did not get its lifecycle")
    assert (changed, second.what) == (NAMES[33], "AWS refused ecr:PutLifecyclePolicy")
    assert isinstance(first, RegistryError)
    assert applied.changed == tuple(name for name in NAMES if name not in (NAMES[3], NAMES[33]))


def test_what_was_changed_before_an_interruption_is_said() -> None:
    def before(name: str, call: str) -> None:
        if (name, call) == (NAMES[0], "lifecycle"):
            raise Interrupted(2)

    registry = Registry(before)
    said: list[str] = []
    with pytest.raises(Interrupted):
        apply_plans(PLANS[:AT_ONCE], registry, registry.clock, said.append)
    assert len(said) == len(registry.made)
    assert said == sorted(said)


@pytest.mark.parametrize(
    ("found", "succeeds"),
    [
        ({}, True),  # our own: its answer was lost
        ({"exceptions": ("latest",)}, False),
        ({"mutability": "MUTABLE"}, False),
        ({"tags": {"team": "other"}}, False),
        ({"lifecycle": "{}"}, True),  # which is put next
        ({"name": "team/other"}, False),  # it has gone again
    ],
)
def test_a_repository_that_is_there_already_is_a_success_where_it_is_as_wanted(
    found: dict[str, Any], succeeds: bool
) -> None:
    exists = AwsRefusedError("RepositoryAlreadyExistsException", "it is there", "ecr:CreateRepository", 400)
    answers: list[EcrPushError] = [AwsUnreachableError("the connection ended"), exists]

    def before(name: str, call: str) -> None:
        if call == "create":
            raise answers.pop(0)

    own = RepositorySettings("team/a", "team/a", "IMMUTABLE", (), False, "AES256", "", tags={"team": "shop"})
    registry = Registry(before, replace(own, **found))
    applied = apply_plans([new("team/a")], registry, registry.clock, lambda line: None)
    assert applied.changed == (("team/a",) if succeeds else ())
    assert [error for _, error in applied.failed] == ([] if succeeds else [exists])
    assert registry.made == ([("team/a", "lifecycle")] if succeeds else [])
