"""Attestations in a run: what is refused before the build, and what an image without them does."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.pipeline.run import run
from tests.support.fakes import FakeRepository, digest, index
from tests.support.judged_images import answer
from tests.support.stories import Story, without_git


@pytest.fixture(autouse=True)
def _no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    without_git(monkeypatch)


def story(folder: Path, *, attested: bool = True) -> Story:
    image = {"digest": digest("x").value, "platform": {"os": "linux", "architecture": "amd64"}}
    proof = {
        "digest": digest("proof").value,
        "platform": {"os": "unknown", "architecture": "unknown"},
        "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
    }
    made = index([image, proof] if attested else [image])
    return Story(folder, FakeRepository(answers=lambda one: answer("LOW")), made)


def test_an_image_without_what_was_asked_for_is_not_released(tmp_path: Path) -> None:
    made = story(tmp_path, attested=False)
    found = made.run(run, provenance="min")
    assert found.failure and found.exit_code == 3
    assert found.failure.what == "the pushed image lacks attestations that were asked for"
    assert not found.promoted and set(made.repository.tags) == {str(found.candidate)}


def test_a_secret_in_an_argument_is_a_warning_with_less_provenance(tmp_path: Path) -> None:
    made = story(tmp_path, attested=False)
    found = made.run(run, provenance="mode=min", build_args=("NPM_TOKEN=hunter2",))
    assert found.failure and found.exit_code == 3  # it was built
