"""The wait for backfills: started once, followed, and what failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from ecr_push.base.errors import RegistryError, SettingsError
from ecr_push.base.place import Place
from ecr_push.registry.backfills import Backfill, FailedImage
from ecr_push.registry.registry_settings import ReplicationRule
from ecr_push.upkeep.registry.backfill import follow, start_backfills
from ecr_push.upkeep.registry.backfill_text import document_of, error_of, text_of
from ecr_push.upkeep.registry.places import chosen_places
from tests.support.fakes import FakeClock

HERE = Place("eu-west-1", "123456789012")
EAST, WEST = Place("us-east-1", "123456789012"), Place("us-west-2", "210987654321")
NEW = Backfill("id", EAST, "PREPARING", datetime(2026, 11, 30, tzinfo=timezone.utc))


class FakeBackfills:
    """steps: what each look at a place's backfill finds, the last one for good."""

    def __init__(self, **steps: list[Any]) -> None:
        self._steps = {name.replace("_", "-"): found for name, found in steps.items()}
        self.known: tuple[Backfill, ...] = ()
        self.started: list[Place] = []

    def all(self) -> tuple[Backfill, ...]:
        return self.known

    def start(self, place: Place) -> str:
        self.started.append(place)
        return place.region

    def find(self, backfill_id: str) -> Backfill:
        steps = self._steps[backfill_id]
        found = steps.pop(0) if len(steps) > 1 else steps[0]
        if isinstance(found, RegistryError):
            raise found
        place = next(one for one in (EAST, WEST) if one.region == backfill_id)
        return replace(NEW, id=backfill_id, place=place, **found)

    def failed(self, backfill_id: str) -> tuple[FailedImage, ...]:
        return (FailedImage("team/app", "sha256:0", "1.0", "KmsError"),)


def run(backfills: FakeBackfills, *places: Place, seconds: float = 600) -> tuple[Any, list[str]]:
    said: list[str] = []
    started = start_backfills(places, backfills, said.append)  # type: ignore[arg-type]
    return follow(started, backfills, FakeClock(), seconds, said.append), said  # type: ignore[arg-type]


DONE = {"status": "COMPLETE", "total": 3, "completed": 3, "failed": 0}
UNDER_WAY = {"status": "IN_PROGRESS", "total": 3, "completed": 1, "failed": 0}


def test_each_place_gets_one_and_is_followed_to_its_end() -> None:
    backfills = FakeBackfills(us_east_1=[{"status": "PREPARING"}, UNDER_WAY, DONE], us_west_2=[DONE])
    found, said = run(backfills, EAST, WEST)
    assert backfills.started == [EAST, WEST]
    assert error_of(found, waited=True) is None
    assert text_of(found).splitlines() == [
        "us-east-1/123456789012: COMPLETE, 3 of 3",
        "us-west-2/210987654321: COMPLETE, 3 of 3",
    ]
    assert "us-east-1/123456789012: IN_PROGRESS, 1 of 3" in said


def test_one_that_is_under_way_is_followed_and_no_second_is_started() -> None:
    backfills = FakeBackfills(us_east_1=[DONE])
    backfills.known = (replace(NEW, id="us-east-1"), replace(NEW, id="old", place=WEST, status="COMPLETE"))
    found, said = run(backfills, EAST)
    assert (backfills.started, found[0].is_done) == ([], True)
    assert said[0] == "us-east-1/123456789012: backfill us-east-1 is under way"


def test_what_was_not_replicated_is_named_and_an_error_hides_no_other() -> None:
    bad = {"status": "COMPLETE", "total": 3, "completed": 2, "failed": 1, "codes": ("KmsError",)}
    refused = RegistryError("AWS refused", why="throttled")
    backfills = FakeBackfills(us_east_1=[bad], us_west_2=[UNDER_WAY, refused])
    found, _ = run(backfills, EAST, WEST)
    error = error_of(found, waited=True)
    assert error and error.what == "2 of 2 destinations have not everything"
    assert "COMPLETE, 2 of 3, 1 failed (KmsError)" in error.why and "AWS refused: throttled" in error.why
    assert "    team/app:1.0: KmsError" in text_of(found)
    assert document_of(found)["backfills"][0]["failed"][0]["tag"] == "1.0"


def test_the_wait_has_an_end() -> None:
    found, _ = run(FakeBackfills(us_east_1=[UNDER_WAY]), EAST, seconds=60)
    assert error_of(found, waited=True) and not error_of(found, waited=False)


RULES = [ReplicationRule((EAST, WEST))]


def test_places_are_named_by_region_and_account() -> None:
    assert chosen_places((), RULES, HERE) == (EAST, WEST)
    assert chosen_places(("us-west-2/210987654321", "us-east-1"), RULES, HERE) == (WEST, EAST)
    with pytest.raises(SettingsError, match="settings are wrong in 2 places") as caught:
        chosen_places(("us-west-2", "eu-west-3"), RULES, HERE)
    assert "us-west-2/123456789012 is not a destination of the replication" in caught.value.problems[0]
    with pytest.raises(SettingsError):
        chosen_places((), [], HERE)
