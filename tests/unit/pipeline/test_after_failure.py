from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ecr_push.base.errors import BuildError, RegistryError
from ecr_push.pipeline.run import run
from ecr_push.registry.interface import Login
from tests.support.fakes import HOST, START, FakeRepository
from tests.support.judged_images import answer
from tests.support.stories import Story, without_git

CACHE = BuildError("docker buildx build failed with exit code 1", why="x\nERROR: failed to export the cache")
REFUSED = RegistryError(
    "the candidate could not be pushed", why=f"failed to push {HOST}/team/app: 403 Forbidden"
)


@pytest.fixture(autouse=True)
def _without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    without_git(monkeypatch)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, FakeRepository(answers=lambda image: answer("LOW")))


def test_a_candidate_that_was_pushed_before_the_build_failed_is_judged(story: Story) -> None:
    story.builders.after_push = CACHE
    found = story.run(run)
    assert (found.exit_code, story.builders.log) == (0, ["build"])
    assert story.repository.tags["latest"] == story.builders.image.digest
    [warning] = [one for one in story.narrator.warned if "going on with it" in one]
    assert "failed to export the cache" in warning


def test_one_that_lacks_a_platform_is_not(story: Story) -> None:
    """The registry's says linux/amd64."""
    story.builders.after_push = CACHE
    found = story.run(run, platforms=("linux/amd64", "linux/arm64"))
    assert found.exit_code == 3 and "latest" not in story.repository.tags


def test_one_with_other_labels_is_not(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    story.builders.after_push = CACHE
    monkeypatch.setattr(story.repository, "labels", lambda manifest: {})
    assert story.run(run).exit_code == 3


def test_a_build_that_asked_nothing_of_the_registry_is_not_looked_for(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.builders.error = CACHE
    monkeypatch.setattr(story.repository, "manifest", lambda digest: pytest.fail("it was asked"))
    assert story.run(run).exit_code == 3


def login_for(story: Story, monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    ends = START + timedelta(minutes=minutes)
    monkeypatch.setattr(story.repository, "login", lambda: Login(HOST, "AWS", "dummy-password", ends))


def test_a_login_that_ended_in_the_build_is_renewed(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    login_for(story, monkeypatch, -1)
    story.builders.before_push = [REFUSED]
    found = story.run(run)
    assert (found.exit_code, story.builders.log) == (0, ["build", "build"])
    assert any("login ended" in one and "cache" in one for one in story.narrator.warned)


def test_it_is_renewed_once(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    login_for(story, monkeypatch, -1)
    story.builders.before_push = [REFUSED, REFUSED]
    assert (story.run(run).exit_code, story.builders.log) == (4, ["build", "build"])


def test_a_refusal_while_the_login_lasts_is_the_registrys(story: Story) -> None:
    story.builders.before_push = [REFUSED]
    assert (story.run(run).exit_code, story.builders.log) == (4, ["build"])


def test_a_failure_that_is_not_the_registrys_is_not_repeated(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    login_for(story, monkeypatch, -1)
    story.builders.before_push = [CACHE]
    assert (story.run(run).exit_code, story.builders.log) == (3, ["build"])
