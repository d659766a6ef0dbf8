"""Findings of other scanners in a run: judged with ECR's, and none of them where a file cannot be taken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.run import run
from tests.support.fakes import FakeRepository, digest, manifest
from tests.support.judged_images import answer
from tests.support.other_scanners import INDEX, sarif, trivy, trivy_finding
from tests.support.stories import Story, without_git

BUILT = manifest("built")
HIGH = trivy_finding("CVE-2026-1", "HIGH")


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    without_git(monkeypatch)
    return Story(tmp_path, FakeRepository(answers=lambda image: answer("LOW")), BUILT)


def judged(story: Story, content: object, **more: Any) -> Outcome:
    file = story.folder / "other.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return story.run(run, verdict_from=(str(file),), **more)


def test_what_another_scanner_found_refuses_and_is_reported(story: Story) -> None:
    found = judged(story, trivy(HIGH, digest=BUILT.digest.value))
    assert (found.status, found.exit_code) == ("refused", 10)
    assert found.verdict and [one.id for one in found.verdict.deciding] == ["CVE-2026-1"]
    assert found.scan and len(found.scan.platforms[0].findings) == 2
    (said,) = [one for one in story.narrator.said if "other.json: " in one]
    assert said.endswith("other.json: Trivy 0.70.0: 1 found, 1 of them not by ECR")


def test_where_it_found_nothing_ecrs_word_counts(story: Story) -> None:
    assert judged(story, trivy(digest=BUILT.digest.value)).status == "accepted"
    assert judged(story, sarif()).status == "accepted", "SARIF need not name the image"


def test_the_images_configuration_names_it_too(story: Story) -> None:
    report = trivy(digest=INDEX)
    report["Metadata"]["ImageID"] = digest("built").value  # as the fake manifest names it
    assert judged(story, report).status == "accepted"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (trivy(digest=INDEX), "other.json is about another image"),
        ("{", "other.json could not be read"),
        ("[]", "other.json is of an unknown format"),
        ({"findings": []}, "other.json is of an unknown format"),
        ({**trivy(), "Results": []}, "other.json: Trivy's report has no results"),
        ({**trivy(), "SchemaVersion": 9}, "other.json has no result"),
    ],
)
def test_what_is_not_an_answer_about_this_image_is_not_a_pass(
    story: Story, content: object, text: str
) -> None:
    found = judged(story, content)
    assert (found.status, found.exit_code) == ("no-answer", 5)
    assert found.failure and found.failure.what.endswith(text)
    assert set(story.repository.tags) == {str(found.candidate)}


def test_a_missing_file_is_not_a_pass(story: Story) -> None:
    found = story.run(run, verdict_from=("missing.json",))
    assert (found.status, found.exit_code) == ("no-answer", 5)
    assert found.failure and found.failure.what == "missing.json could not be read"


def test_a_link_out_of_the_checkout_is_not_followed(
    story: Story, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "other.json"
    outside.write_text(json.dumps(sarif()))
    (story.folder / "link.json").symlink_to(outside)
    found = story.run(run, verdict_from=(str(story.folder / "link.json"),))
    assert found.failure and found.failure.what.endswith("link.json could not be read")
