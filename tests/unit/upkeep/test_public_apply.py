from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.catalog import Catalog
from ecr_push.upkeep.found import AT_ONCE
from ecr_push.upkeep.public_apply import apply_public, document_of, lines_of, plan_public
from ecr_push.upkeep.public_model import WantedCatalog
from tests.support.fakes import FakeClock

THERE = Catalog("An app.", "# About", "# Usage", ("x86-64",), ("Linux",), has_logo=True)
SAME = WantedCatalog("An app.", architectures=("x86-64",))
CHANGED = WantedCatalog("Another app.", architectures=("ARM 64", "x86-64"), logo=b"new")


class Catalogs:
    def __init__(self, *refused: str, **there: Catalog) -> None:
        self.there, self.refused = there, refused
        self.error: RegistryError = RegistryError("it was refused")
        self.log: list[tuple[str, str, Mapping[str, Any]]] = []

    def find(self, name: str) -> Catalog | None:
        return self.there.get(name)

    def create(self, name: str, data: Mapping[str, Any]) -> None:
        self._put("create", name, data)

    def put(self, name: str, data: Mapping[str, Any]) -> None:
        self._put("put", name, data)

    def _put(self, how: str, name: str, data: Mapping[str, Any]) -> None:
        if name in self.refused or (how == "create" and name in self.there):
            raise self.error
        self.log.append((how, name, data))


def test_what_differs_is_shown_and_what_is_the_same_is_not() -> None:
    catalogs: Any = Catalogs(same=THERE, changed=THERE)
    plans = plan_public({"same": SAME, "new": SAME, "changed": CHANGED}, catalogs, FakeClock())
    assert list(lines_of(plans)) == [
        "~ public changed",
        "    description: An app. -> Another app.",
        "    architectures: x86-64 -> ARM 64, x86-64",
        "",
        "+ public new",
        "    description: (none) -> An app.",
        "    architectures: (none) -> x86-64",
        "",
    ]
    assert [one["action"] for one in document_of(plans)] == ["change", "create", "none"]


def test_a_put_is_of_everything_that_is_there() -> None:
    catalogs: Any = Catalogs(changed=THERE)
    applied = apply_public(
        plan_public({"changed": CHANGED}, catalogs, FakeClock()), catalogs, FakeClock(), [].append
    )
    assert applied.changed == ("public changed",)
    assert catalogs.log == [
        (
            "put",
            "changed",
            {
                "description": "Another app.",
                "aboutText": "# About",
                "usageText": "# Usage",
                "architectures": ["ARM 64", "x86-64"],
                "operatingSystems": ["Linux"],
                "logoImageBlob": b"new",
            },
        )
    ]


def test_one_that_fails_does_not_hold_up_the_others() -> None:
    catalogs: Any = Catalogs("a")
    said: list[str] = []
    applied = apply_public(
        plan_public({"a": SAME, "b": SAME}, catalogs, FakeClock()), catalogs, FakeClock(), said.append
    )
    assert [name for name, _ in applied.failed] == ["public a"]
    assert (applied.changed, said) == (("public b",), ["public b: created"])


def test_a_logo_is_put_where_there_is_none() -> None:
    catalogs: Any = Catalogs(none=Catalog(), there=THERE)
    wanted = WantedCatalog(logo=b"x")
    assert [one.differs for one in plan_public({"none": wanted, "there": wanted}, catalogs, FakeClock())] == [
        True,
        False,
    ]


def test_they_are_changed_at_the_same_time_and_none_is_lost_while_aws_throttles() -> None:
    names = [f"app-{number:02}" for number in range(AT_ONCE)]
    all_at_once = threading.Barrier(AT_ONCE, timeout=120)
    refused: set[str] = set()

    class Throttled(Catalogs):
        def _put(self, how: str, name: str, data: Mapping[str, Any]) -> None:
            if name not in refused:
                refused.add(name)
                all_at_once.wait()
                raise AwsRefusedError(
                    "ThrottlingException", "Rate exceeded", "ecr-public:CreateRepository", 400
                )
            super()._put(how, name, data)

    catalogs: Any = Throttled()
    clock = FakeClock()
    said: list[str] = []
    plans = plan_public(dict.fromkeys(names, SAME), catalogs, clock)
    applied = apply_public(plans, catalogs, clock, said.append)
    assert not applied.failed and sorted(name for _, name, _ in catalogs.log) == names
    assert said == [f"public {name}: created" for name in names]


@pytest.mark.parametrize(("there", "failed"), [(THERE, 0), (Catalog("Of someone else."), 1)])
def test_one_that_is_there_already_is_a_success_where_it_is_as_wanted(there: Catalog, failed: int) -> None:
    catalogs: Any = Catalogs()
    plans = plan_public({"new": SAME}, catalogs, FakeClock())
    catalogs.there["new"] = there  # our own, whose answer was lost, or another pipeline's
    catalogs.error = AwsRefusedError(
        "RepositoryAlreadyExistsException", "", "ecr-public:CreateRepository", 400
    )
    assert len(apply_public(plans, catalogs, FakeClock(), [].append).failed) == failed
