"""The statement of a verdict: what is in it, when it is attached, and that a decision has one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ecr_push.base.errors import RegistryError
from ecr_push.base.severity import Severity
from ecr_push.pipeline.run import run
from ecr_push.pipeline.verdict_statement import verdict_statement
from ecr_push.registry.artifact import Artifact
from ecr_push.report.verdict_schema import verdict_schema
from ecr_push.scan.findings import OtherScan
from tests.support.fakes import FakeRepository, manifest
from tests.support.judged_images import answer
from tests.support.sources import COMMIT
from tests.support.stories import Story, without_git


@pytest.fixture(autouse=True)
def _no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    without_git(monkeypatch)


def story(folder: Path, severity: str = "LOW") -> Story:
    return Story(folder, FakeRepository(answers=lambda one: answer(severity)))


def statement(made: Story) -> Any:
    return json.loads(made.repository.attached[-1].blobs[-1])


def test_what_was_decided_is_stated_before_a_tag_moves(tmp_path: Path) -> None:
    made = story(tmp_path)
    found = made.run(run, attest_verdict=True)
    assert found.exit_code == 0 and found.statement.startswith(f"{made.repository.locate()}@sha256:")
    assert made.repository.log[0] == "attached" and made.repository.log.count("attached") == 1
    said = statement(made)
    Draft202012Validator(verdict_schema()).validate(said)
    image = made.builders.image.digest.value.partition(":")[2]
    assert said["subject"] == [{"name": made.repository.locate().uri, "digest": {"sha256": image}}]
    predicate = said["predicate"]
    assert (predicate["verdict"], predicate["commit"], predicate["version"]) == ("accepted", COMMIT, "1.4.2")
    assert predicate["scans"][0]["counts"] == {"LOW": 1}
    assert predicate["findings"]["below"] == {"LOW": 1}
    made.run(run, attest_verdict=True)  # of the released image
    first, second = made.repository.attached
    assert first == second
    made.run(run, attest_verdict=True, fail_on=Severity.CRITICAL)
    assert statement(made)["predicate"]["policy"] != predicate["policy"]


def test_other_scanners_are_stated(tmp_path: Path) -> None:
    made = story(tmp_path)
    outcome = made.run(run)
    assert outcome.pushed and outcome.scan and outcome.verdict
    scan = replace(outcome.scan, others=(OtherScan("a.json", "Trivy 1", 3, 2),))
    said = json.loads(verdict_statement(outcome.pushed, scan, outcome.verdict, f"sha256:{'0' * 64}"))
    Draft202012Validator(verdict_schema()).validate(said)
    assert said["predicate"]["otherScanners"] == [{"tool": "Trivy 1", "found": 3, "added": 2}]


def test_a_policy_that_is_only_observed_is_stated_as_that(tmp_path: Path) -> None:
    made = story(tmp_path, "HIGH")
    assert made.run(run, attest_verdict=True, observe=True).exit_code == 0
    assert statement(made)["predicate"]["verdict"] == "observed"


@pytest.mark.parametrize(("severity", "values"), [("HIGH", {"attest_verdict": True}), ("LOW", {})])
def test_nothing_is_stated_of_a_refused_image_or_unasked(
    severity: str, values: dict[str, object], tmp_path: Path
) -> None:
    made = story(tmp_path, severity)
    assert not made.run(run, **values).statement
    assert not made.repository.attached


def test_no_tag_moves_where_it_could_not_be_stated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = story(tmp_path)

    def refuse(artifact: Artifact) -> None:
        raise RegistryError("no")

    monkeypatch.setattr(made.repository, "attach", refuse)
    found = made.run(run, attest_verdict=True)
    assert found.failure and (found.exit_code, found.failure.phase) == (4, "attest")
    assert not found.promoted


def test_without_referrers_the_run_says_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = story(tmp_path)
    monkeypatch.setattr(made.repository, "attach", lambda artifact: "tag")
    found = made.run(run, attest_verdict=True)
    image = manifest("built").digest.value.partition(":")[2]
    assert f":sha256-{image}.verdict-" in found.statement
    assert any("under a tag of its own" in line for line in made.narrator.warned)
