from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ecr_push.pipeline.run import dry_run, run
from ecr_push.tags.labels import BUILDER_PLATFORM_LABEL
from tests.support.fakes import FakeRepository
from tests.support.judged_images import answer
from tests.support.stories import Story, without_git

DEFAULT = "DOCKER_DEFAULT_PLATFORM"


@pytest.fixture(autouse=True)
def _without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    without_git(monkeypatch)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """A world where the commit is released, by a builder for linux/amd64."""
    made = Story(tmp_path, FakeRepository(answers=lambda image: answer("LOW")))
    assert made.run(run).exit_code == 0
    return made


def test_another_platform_of_the_environment_is_another_build(story: Story) -> None:
    story.environ[DEFAULT] = "linux/arm64"
    found = story.run(run)
    assert found.failure and "taken by another image" in found.failure.what
    assert "platforms" in found.failure.why
    assert (found.exit_code, story.builders.log) == (2, ["build"])


def test_a_platform_of_the_environment_is_the_one_that_a_setting_names(story: Story) -> None:
    fresh = Story(story.folder, FakeRepository(answers=lambda image: answer("LOW")))
    fresh.environ[DEFAULT] = "linux/arm64/v8"
    assert fresh.run(run).exit_code == 0
    assert f"platform linux/arm64/v8, of {DEFAULT}" in fresh.narrator.said
    del fresh.environ[DEFAULT]
    again = fresh.run(run, platforms=("linux/arm64",))
    assert again.pushed and again.pushed.reused


@pytest.mark.parametrize("story_of", [run, dry_run])
def test_an_image_for_another_platform_than_the_builders_is_not_the_same(
    story: Story, story_of: Callable[..., object]
) -> None:
    story.builders.platform = "linux/arm64"
    found = story.run(story_of)
    assert found.failure and found.failure.phase == "registry"
    assert "taken by another image: sha-0123456789ab, 1.4.2" in found.failure.what
    assert "by a builder for linux/amd64, and this builder builds for linux/arm64" in found.failure.why
    assert found.exit_code == 2 and story.builders.log == ["build"]


@pytest.mark.parametrize("platform", ["", "linux/amd64"])
def test_a_builder_that_does_not_say_its_platform_does_not_make_us_build_again(
    story: Story, platform: str
) -> None:
    story.builders.platform = platform
    found = story.run(run)
    assert found.pushed and found.pushed.reused


def test_a_variable_that_is_not_a_platform_stops_before_anything_is_asked(story: Story) -> None:
    story.environ[DEFAULT] = "linux arm64"
    found = story.run(run)
    assert found.exit_code == 2
    assert found.failure and DEFAULT in found.failure.what + found.failure.why


def test_a_builder_that_was_never_started_is_started_for_a_build_and_not_for_a_re_run(tmp_path: Path) -> None:
    story = Story(tmp_path, FakeRepository(answers=lambda image: answer("LOW")))
    story.builders.started = False
    assert story.run(run).exit_code == 0
    labels = story.repository.labels(story.builders.image)
    assert labels[BUILDER_PLATFORM_LABEL] == "linux/amd64"
    story.builders.platform = "linux/arm64"
    again = story.run(run)
    assert again.pushed and again.pushed.reused


def test_an_image_whose_platform_was_named_says_nothing_of_its_builder(tmp_path: Path) -> None:
    """Not even what its base image says, which may be ours."""
    story = Story(tmp_path, FakeRepository(answers=lambda image: answer("LOW")))
    assert story.run(run, platforms=("linux/arm64",)).exit_code == 0
    assert story.repository.labels(story.builders.image)[BUILDER_PLATFORM_LABEL] == ""
