"""A push that was refused because of too many requests is done again, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecr_push.base.errors import BuildError, EcrPushError, RegistryError
from ecr_push.pipeline.run import run
from tests.support.fakes import HOST, FakeClock, FakeRepository
from tests.support.judged_images import answer
from tests.support.stories import Story, without_git

THROTTLED = RegistryError(
    "the candidate could not be pushed",
    why=f"failed to push {HOST}/team/app: unexpected status from PUT request to "
    f"https://{HOST}/v2/team/app/manifests/candidate: 429 Too Many Requests",
)
ENGINE = RegistryError("the candidate could not be pushed", why=f"toomanyrequests: Rate exceeded ({HOST})")
BASE = BuildError(
    "docker buildx build failed with exit code 1",
    why=f"pushing to {HOST}\nERROR: failed to solve: registry-1.docker.io/library/x: 429 Too Many Requests",
)
FORBIDDEN = RegistryError("the candidate could not be pushed", why=f"failed to push {HOST}/x: 403 Forbidden")


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    without_git(monkeypatch)
    return Story(tmp_path, FakeRepository(answers=lambda image: answer("LOW")))


@pytest.mark.parametrize(
    ("errors", "builds", "code"),
    [
        ([THROTTLED], 2, 0),
        ([THROTTLED, ENGINE, THROTTLED], 4, 0),
        ([THROTTLED] * 4, 4, 4),
        ([FORBIDDEN], 1, 4),
        ([THROTTLED, FORBIDDEN], 2, 4),
        ([BASE], 1, 3),
    ],
)
def test_how_often_it_is_done(story: Story, errors: list[EcrPushError], builds: int, code: int) -> None:
    story.builders.before_push = list(errors)[::-1]
    found = story.run(run)
    assert (found.exit_code, story.builders.log) == (code, ["build"] * builds)
    said = [one for one in story.narrator.warned if "too many requests: again in" in one]
    assert len(said) == builds - 1
    assert ("latest" in story.repository.tags) == (code == 0)


def test_the_pauses_grow_and_differ(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(FakeClock, "sleep", lambda self, seconds: slept.append(seconds))
    for _ in range(2):
        story.builders.before_push = [THROTTLED] * 4
        story.run(run)
    first, second = slept[:3], slept[3:]
    for waited in (first, second):
        assert 2 <= waited[0] <= 4 < 5 <= waited[1] <= 10 < 15 <= waited[2] <= 30
    assert first != second
