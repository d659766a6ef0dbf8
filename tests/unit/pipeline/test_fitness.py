"""The service that will run the image, in a run: nothing is built, or no tag moves, for what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.base.reference import Digest
from ecr_push.pipeline.run import run
from ecr_push.registry.oci import Manifest
from tests.support.fakes import FakeRepository, digest, index, manifest
from tests.support.judged_images import answer
from tests.support.stories import Story, without_git


@pytest.fixture(autouse=True)
def _no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    without_git(monkeypatch)


def story(folder: Path, image: Manifest | None = None, **world: object) -> Story:
    made = image or manifest("built")
    return Story(folder, FakeRepository(answers=lambda one: answer("LOW"), **world), made)  # type: ignore[arg-type]


def test_an_image_that_fits_is_released(tmp_path: Path) -> None:
    found = story(tmp_path).run(run, deploy_for="lambda")
    assert found.exit_code == 0 and found.released and "fit" in found.seconds


def test_what_only_the_image_shows_is_refused_before_a_tag_moves(tmp_path: Path) -> None:
    """Attestations of a builder, or an index in the engine under the name that --image gives."""
    entry = {"digest": digest("x").value, "platform": {"os": "linux", "architecture": "amd64"}}
    made = story(tmp_path, index([entry]))
    found = made.run(run, deploy_for="lambda")
    assert found.failure and (found.exit_code, found.failure.phase) == (3, "fit")
    assert found.failure.what == "AWS Lambda would refuse this image"
    assert not found.promoted and set(made.repository.tags) == {str(found.candidate)}


def test_nothing_is_asked_where_any_service_may_run_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = story(tmp_path)
    monkeypatch.setattr(made.repository, "platforms", lambda image: pytest.fail("asked"))
    found = made.run(run)
    assert found.exit_code == 0 and "fit" not in found.seconds


def test_a_reused_image_is_looked_at_too(tmp_path: Path) -> None:
    platforms: dict[Digest, tuple[str, ...]] = {}
    made = story(tmp_path, platforms=platforms)
    released = made.run(run)
    made.repository._platforms = {made.builders.image.digest: ("linux/s390x",)}
    found = made.run(run, deploy_for="ecs")
    assert released.exit_code == 0 and found.pushed and found.pushed.reused
    assert found.failure and "linux/s390x: Amazon ECS runs" in found.failure.why
