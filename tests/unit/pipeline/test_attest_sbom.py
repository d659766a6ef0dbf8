"""SBOMs of other tools: which are attached, and what ends the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecr_push.pipeline.run import run
from tests.support.fakes import FakeRepository
from tests.support.judged_images import answer
from tests.support.stories import Story, without_git


@pytest.fixture(autouse=True)
def _no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    without_git(monkeypatch)


def story(folder: Path, severity: str = "LOW") -> Story:
    return Story(folder, FakeRepository(answers=lambda one: answer(severity)))


def written(folder: Path, name: str, document: object) -> str:
    (folder / name).write_text(document if isinstance(document, str) else json.dumps(document))
    return str(folder / name)


def test_both_formats_are_attached_as_what_they_are(tmp_path: Path) -> None:
    made = story(tmp_path)
    image = made.builders.image.digest.value.partition(":")[2]
    spdx = written(tmp_path, "a.json", {"spdxVersion": "SPDX-2.3", "name": f"team/app@sha256:{image}"})
    cyclonedx = written(tmp_path, "b.json", {"bomFormat": "CycloneDX", "specVersion": "1.6"})
    found = made.run(run, attest_sbom=(spdx, cyclonedx))
    assert found.exit_code == 0 and len(found.sboms) == 2
    said: list[Any] = [json.loads(one.blobs[-1]) for one in made.repository.attached]
    assert [one["predicateType"] for one in said] == [
        "https://spdx.dev/Document",
        "https://cyclonedx.org/bom",
    ]
    assert [one["subject"][0]["digest"]["sha256"] for one in said] == [image, image]
    assert said[0]["predicate"]["spdxVersion"] == "SPDX-2.3"
    assert made.repository.log[:2] == ["attached", "attached"]
    warned = [line for line in made.narrator.warned if "does not name the digest" in line]
    assert len(warned) == 1 and "b.json" in warned[0]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("{", "could not be read"),
        ("[]", "is of an unknown format"),
        ('{"name": "x"}', "is of an unknown format"),
        (None, "could not be read"),
    ],
)
def test_what_is_not_an_sbom_ends_the_run_before_a_tag_moves(
    content: str | None, what: str, tmp_path: Path
) -> None:
    made = story(tmp_path)
    good = written(tmp_path, "good.json", {"bomFormat": "CycloneDX"})
    file = str(tmp_path / "none.json") if content is None else written(tmp_path, "a.json", content)
    found = made.run(run, attest_sbom=(good, file))
    assert found.failure and (found.exit_code, found.failure.phase) == (3, "attest")
    assert what in found.failure.what and file in found.failure.what
    assert not found.promoted and not made.repository.attached


def test_a_refused_image_gets_none(tmp_path: Path) -> None:
    made = story(tmp_path, "HIGH")
    file = written(tmp_path, "a.json", {"bomFormat": "CycloneDX"})
    assert made.run(run, attest_sbom=(file,)).exit_code == 10
    assert not made.repository.attached
