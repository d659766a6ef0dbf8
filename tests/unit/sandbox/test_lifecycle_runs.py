"""Lifecycle policies carried out: what goes when, once, and as the preview says."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.sandbox.clock import SandboxClock
from ecr_push.sandbox.lifecycle_runs import LifecycleRuns
from ecr_push.sandbox.manifest import OCI_MANIFEST
from tests.support.sandbox.api import NOW, Api

DAY = 86_400.0
APP = {"repositoryName": "team/app"}
ARCHIVE = {"type": "transition", "targetStorageClass": "archive"}
EXPIRE = {"type": "expire"}


class ApiClock(SandboxClock):
    """The clock of an Api, which only the test moves."""

    def __init__(self, api: Api) -> None:
        super().__init__()
        self._api = api

    def __call__(self) -> float:
        return self._api.now

    def advance(self, seconds: float) -> None:
        self._api.now += seconds


class World:
    """A repository with a policy and images."""

    def __init__(self, root: Path) -> None:
        self.api = Api(root)
        self.clock = ApiClock(self.api)
        self.runs = LifecycleRuns(self.api.state, self.clock)
        self.api.call("CreateRepository", **APP)

    def policy(self, *rules: Mapping[str, Any]) -> None:
        numbered = [{"rulePriority": number, **rule} for number, rule in enumerate(rules, 1)]
        self.api.call("PutLifecyclePolicy", **APP, lifecyclePolicyText=json.dumps({"rules": numbered}))

    def push(self, days: float, *tags: str, **more: Any) -> str:
        """An image that was pushed so many days ago."""
        self.clock.advance(-days * DAY)
        digest = self.api.push("team/app", *tags, **more)
        self.clock.advance(days * DAY)
        return digest

    def statuses(self) -> dict[str, str]:
        """The status of each image, by its first tag, or by its digest."""
        images = self.api.state.images.all("private", "team/app")
        return {(it.tags or (it.digest,))[0]: self.api.state.images.status(it) for it in images}

    def preview(self) -> list[dict[str, Any]]:
        self.api.call("StartLifecyclePolicyPreview", **APP)
        found = self.api.call("GetLifecyclePolicyPreview", **APP, maxResults=100)
        results: list[dict[str, Any]] = found.get("previewResults", [])
        return results


@contextmanager
def opened(root: Path) -> Iterator[World]:
    world = World(root)
    yield world
    world.api.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with opened(tmp_path) as world:
        yield world


def selection(
    count_type: str, number: int, status: str = "any", *prefixes: str, **more: str
) -> dict[str, Any]:
    unit = {} if count_type == "imageCountMoreThan" else {"countUnit": "days"}
    tagged = {"tagPrefixList": list(prefixes)} if prefixes else {}
    return {"tagStatus": status, "countType": count_type, "countNumber": number, **unit, **tagged, **more}


OLD = {"selection": selection("sinceImagePushed", 14, "tagged", "sha-"), "action": EXPIRE}
UNPULLED = {"selection": selection("sinceImagePulled", 90), "action": ARCHIVE}
ARCHIVED = {
    "selection": selection("sinceImageTransitioned", 100, storageClass="archive"),
    "action": EXPIRE,
}


def test_a_run_does_what_the_preview_said_and_nothing_twice(world: World) -> None:
    world.policy(OLD, UNPULLED)
    world.push(20, "sha-1")
    world.push(100, "1.0")
    world.push(3, "sha-2")
    put_at = world.api.call("GetLifecyclePolicy", **APP)["lastEvaluatedAt"]
    said = world.preview()
    assert [(it["imageTags"], it["action"]["type"]) for it in said] == [
        (["sha-1"], "EXPIRE"),
        (["1.0"], "TRANSITION"),
    ]
    world.clock.advance(60)
    done = world.runs.run()["team/app"]
    assert [{k: v for k, v in it.items() if k != "imagePushedAt"} for it in done] == [
        {k: v for k, v in it.items() if k != "imagePushedAt"} for it in said
    ]
    assert world.statuses() == {"1.0": "ARCHIVED", "sha-2": "ACTIVE"}
    assert world.api.call("GetLifecyclePolicy", **APP)["lastEvaluatedAt"] == put_at + 60
    assert world.runs.run() == {"team/app": []}
    assert world.preview() == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([400.0], ["GONE"]),
        ([90.5, 1.0, 100.0, 1.0], ["ACTIVE", "ARCHIVED", "ARCHIVED", "GONE"]),
        ([0.5] * 400, [*["ACTIVE"] * 181, *["ARCHIVED"] * 202, *["GONE"] * 17]),
    ],
)
def test_time_that_passes_is_days_whatever_the_steps(
    world: World, steps: list[float], expected: list[str]
) -> None:
    """Archived by the run of day 91, deleted by that of day 192: when it is older than the rule says."""
    world.policy(UNPULLED, ARCHIVED)
    world.push(0, "1.0")
    seen = []
    for days in steps:
        world.runs.advance(days * DAY)
        seen.append(world.statuses().get("1.0", "GONE"))
    assert seen == expected
    assert world.clock() == NOW + sum(steps) * DAY


def test_less_than_a_day_makes_no_run(world: World) -> None:
    world.policy(OLD)
    world.push(20, "sha-1")
    world.runs.advance(DAY / 2)
    assert "sha-1" in world.statuses()
    world.runs.advance(DAY / 2)
    assert world.statuses() == {}


def test_an_age_of_a_million_years_comes_to_an_end(world: World) -> None:
    world.policy(OLD)
    world.runs.advance(365_000_000 * DAY)


def test_an_index_goes_before_its_images_and_a_signature_with_its_subject(world: World) -> None:
    world.policy({"selection": selection("sinceImagePushed", 14), "action": EXPIRE})
    child = world.push(20, "child")
    world.clock.advance(-20 * DAY)
    index = world.api.push_index("team/app", "1.0", child)
    world.clock.advance(20 * DAY)
    world.api.call("BatchDeleteImage", **APP, imageIds=[{"imageTag": "child"}])
    subject = {"mediaType": OCI_MANIFEST, "digest": index, "size": 2}
    signature = world.push(1, "signature", subject=subject)
    about = world.push(1, "about", subject={**subject, "digest": signature})
    done = world.runs.run()["team/app"]
    assert [(it["imageDigest"], it.get("subjectManifestDigest")) for it in done] == [
        (index, None),
        (signature, index),
        (about, signature),
    ]
    assert list(world.statuses()) == ["child"]  # it had lost no tag: an index needed it
    assert [it["imageDigest"] for it in world.runs.run()["team/app"]] == [child]


def test_a_policy_that_cannot_be_read_is_passed_over(world: World) -> None:
    world.api.state.repositories.change("private", "team/app", lifecycle_text="{}")
    assert world.runs.run() == {"team/app": []}


RULES = st.lists(
    st.sampled_from(
        [
            {"selection": selection("sinceImagePushed", 10, "tagged", "sha-"), "action": EXPIRE},
            {"selection": selection("sinceImagePushed", 10, "untagged"), "action": EXPIRE},
            {"selection": selection("imageCountMoreThan", 2, "tagged", "1."), "action": EXPIRE},
            {"selection": selection("imageCountMoreThan", 1, "tagged", "c"), "action": ARCHIVE},
            {"selection": selection("sinceImagePulled", 90, "tagged", "r"), "action": ARCHIVE},
            ARCHIVED,
        ]
    ),
    min_size=1,
    unique_by=json.dumps,
)
TAGS = ("sha-1", "1.0", "1.1", "1.2", "c1", "c2", "r1")
IMAGES = st.lists(
    st.tuples(st.integers(0, 200), st.sets(st.sampled_from(TAGS))),
    max_size=7,
)


def short(results: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    return [(it["imageDigest"], it["action"]["type"], it["appliedRulePriority"]) for it in results]


@given(RULES, IMAGES, st.lists(st.integers(0, 150), min_size=1, max_size=4))
def test_each_run_is_its_preview_and_the_next_one_at_the_same_time_does_nothing(
    rules: list[dict[str, Any]], drawn: list[tuple[int, set[str]]], waits: list[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as world:
        world.policy(*rules)
        for number, (days, tags) in enumerate(sorted(drawn, key=lambda it: -it[0])):
            world.push(days, *sorted(tags), content=str(number))
        expired: set[str] = set()
        for wait in waits:
            world.clock.advance(wait * DAY)
            said = short(world.preview())
            done = world.runs.run()["team/app"]
            assert short(done) == said
            gone = {it["imageDigest"] for it in done if it["action"]["type"] == "EXPIRE"}
            assert not gone & expired
            expired |= gone
            left = {it.digest for it in world.api.state.images.all("private", "team/app")}
            assert not left & expired
            assert world.runs.run() == {"team/app": []}
