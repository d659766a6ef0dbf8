"""What `doctor` says of the registry's own settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ecr_push.base.errors import AuthenticationError
from ecr_push.base.place import Place
from ecr_push.pipeline.doctor.registry import replication_symptoms, scanning_symptom
from ecr_push.registry.interface import Scanning
from ecr_push.registry.registry_settings import ReplicationRule
from tests.support.judged_images import tools
from tests.support.settings import settings

EAST, WEST = Place("us-east-1", "123456789012"), Place("us-west-2", "123456789012")


@pytest.mark.parametrize(
    ("mode", "frequency", "level", "code"),
    [
        ("basic", "SCAN_ON_PUSH", "ok", 0),
        ("basic", "MANUAL", "ok", 0),  # a run asks for the scan
        ("enhanced", "CONTINUOUS_SCAN", "ok", 0),
        ("enhanced", "MANUAL", "error", 5),
        ("none", "", "error", 5),
        ("unknown", "", "warning", 0),
    ],
)
def test_a_repository_that_is_not_scanned(mode: Any, frequency: str, level: str, code: int) -> None:
    found = scanning_symptom(Scanning(mode, frequency))
    assert (found.level, found.exit_code, bool(found.remedy)) == (level, code, level != "ok")


def test_a_registry_without_scans_is_a_warning_where_the_policy_accepts_it() -> None:
    found = scanning_symptom(Scanning("none"), warns=True)
    assert (found.level, found.exit_code, "--gate-in" in found.remedy) == ("warning", 0, True)


class Registry:
    def __init__(self, *rules: ReplicationRule) -> None:
        self._rules = rules

    def account(self) -> str:
        return "123456789012"

    def replication(self) -> tuple[ReplicationRule, ...]:
        return self._rules


class Closed(Registry):
    def account(self) -> str:
        raise AuthenticationError("AWS refused ecr:DescribeRegistry")


def symptoms(registry: Registry, **options: Any) -> list[tuple[str, str]]:
    world = replace(tools(), open_registry=lambda: (registry, None))  # type: ignore[arg-type,return-value]
    found = replication_symptoms("team/app", settings(**options), world)
    return [(one.level, one.what) for one in found]


def test_what_replication_takes_along_is_said() -> None:
    found = symptoms(
        Registry(
            ReplicationRule((EAST,), ("team/",)),
            ReplicationRule((WEST,), deletes=True),
            ReplicationRule((Place("eu-north-1", "1"),), ("other/",)),
        )
    )
    assert [level for level, _ in found] == ["warning", "warning"]
    assert "each candidate is copied to us-east-1/123456789012" in found[0][1]
    assert "is deleted in us-west-2/123456789012, too" in found[1][1]


def test_a_wait_for_nothing_is_an_error() -> None:
    rule = ReplicationRule((EAST,), ("other/",))
    assert symptoms(Registry(rule)) == [("ok", "no rule names this repository")]
    [(level, what)] = symptoms(Registry(rule), wait_replication=True)
    assert level == "error" and "--wait-replication waits for one" in what


def test_rules_that_may_not_be_read_matter_to_who_waits() -> None:
    assert symptoms(Closed()) == []
    assert [level for level, _ in symptoms(Closed(), wait_replication=True)] == ["warning"]
    assert symptoms(Registry(ReplicationRule((EAST,))), registry_id="210987654321") == []
