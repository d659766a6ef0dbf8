"""The story of `ecr-push scan` and `promote`, with a repository in memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.reference import ImageName
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.judge_image import judge_image
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.record import Record
from ecr_push.report import text
from ecr_push.settings.declare import Settings
from ecr_push.tags.labels import VERSION_LABEL
from tests.support.fakes import FakeRepository, digest, manifest
from tests.support.judged_images import answer
from tests.support.other_scanners import INDEX, trivy, trivy_finding
from tests.support.stories import Story

IMAGE = manifest("image")
OTHER = digest("another image")


def promote(
    folder: Path, *tags: str, answers: Any = answer, others: tuple[str, ...] = (), **present: Any
) -> tuple[Outcome, FakeRepository]:
    repository = FakeRepository(
        tags={"nightly": IMAGE.digest, **present}, manifests=[IMAGE], answers=lambda image: answers()
    )

    def story(settings: Settings, facts: CiFacts, tools: Tools, record: Record) -> None:
        judge_image(ImageName.parse("team/app:nightly"), tags, settings, tools, record)

    return Story(folder, repository).run(story, version="", verdict_from=others), repository


def test_an_accepted_image_gets_the_tags(tmp_path: Path) -> None:
    found, repository = promote(tmp_path, "stable", "1.4.2", stable=OTHER)
    assert (found.status, {str(one.tag): one.result for one in found.promoted}) == (
        "accepted",
        {"stable": "moved", "1.4.2": "moved"},
    )
    assert repository.tags["stable"] == repository.tags["1.4.2"] == IMAGE.digest


@pytest.mark.parametrize(
    ("digest", "severity", "code"),
    [(IMAGE.digest.value, "HIGH", 10), (IMAGE.digest.value, "LOW", 0), (INDEX, "LOW", 5)],
)
def test_another_scanners_word_counts_too(tmp_path: Path, digest: str, severity: str, code: int) -> None:
    file = tmp_path / "trivy.json"
    file.write_text(json.dumps(trivy(trivy_finding("CVE-1", severity), digest=digest)))
    found, repository = promote(tmp_path, "stable", others=(str(file),))
    assert (found.exit_code, "stable" in repository.tags) == (code, code == 0)


def test_where_the_tags_point_is_read_once(tmp_path: Path) -> None:
    class Counts(FakeRepository):
        reads = 0

        def tag_names(self) -> frozenset[str]:
            self.reads += 1
            return super().tag_names()

    repository = Counts(
        tags={"nightly": IMAGE.digest}, manifests=[IMAGE], answers=lambda image: answer(),
        labels={IMAGE.digest: {VERSION_LABEL: "1.4.2"}},
    )  # fmt: skip

    def story(settings: Settings, facts: CiFacts, tools: Tools, record: Record) -> None:
        judge_image(ImageName.parse("team/app:nightly"), ["latest"], settings, tools, record)

    Story(tmp_path, repository).run(story, version="")
    assert repository.log == ["latest"]
    assert repository.reads == 2  # before the move, and after it, for a race


def test_a_scan_alone_moves_nothing(tmp_path: Path) -> None:
    found, repository = promote(tmp_path)
    assert (found.status, found.promoted, repository.log) == ("accepted", (), [])


def test_a_refused_image_gets_no_tag(tmp_path: Path) -> None:
    found, repository = promote(tmp_path, "stable", answers=lambda: answer("CRITICAL"))
    assert (found.status, found.exit_code, repository.log) == ("refused", 10, [])


@pytest.mark.parametrize("taken", ["1.4.2", "sha-0123456789ab"])
def test_a_tag_that_never_moves_is_an_error_before_any_tag_is_moved(tmp_path: Path, taken: str) -> None:
    found, repository = promote(tmp_path, "stable", taken, **{taken: OTHER})
    assert (found.exit_code, repository.log) == (4, [])
    assert found.failure and not found.may_have_moved
    report = text.render(found)
    assert f"{taken} already names {OTHER.short}" in report
    assert "No release tag was moved." in report and "run again" not in report


def test_a_tag_that_goes_forward_only_names_the_command_that_moves_it_back(tmp_path: Path) -> None:
    repository = FakeRepository(
        tags={"nightly": IMAGE.digest, "1.5.0": OTHER, "latest": OTHER}, manifests=[IMAGE],
        answers=lambda image: answer(), labels={IMAGE.digest: {VERSION_LABEL: "1.4.2"}},
    )  # fmt: skip

    def story(settings: Settings, facts: CiFacts, tools: Tools, record: Record) -> None:
        judge_image(ImageName.parse("team/app:nightly"), ["latest"], settings, tools, record)

    run = Story(tmp_path, repository)
    (kept,) = run.run(story, version="").promoted
    assert (kept.result, kept.reason) == ("kept", "1.5.0 is higher")
    assert any(f"ecr-push rollback latest --to {IMAGE.digest}" in one for one in run.narrator.said)
