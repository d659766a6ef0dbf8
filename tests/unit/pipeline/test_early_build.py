"""A build that began while the registry was still asked: what becomes of it, whatever the registry says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import AuthenticationError, BuildError, RegistryError, SettingsError
from ecr_push.base.reference import Digest, Tag
from ecr_push.pipeline import preflight
from ecr_push.pipeline.build_part import build_part
from ecr_push.pipeline.run import run
from ecr_push.registry.interface import Login, RepositoryState
from ecr_push.tags.labels import COMMIT_LABEL
from tests.support.fakes import HOST, REPOSITORY, FakeRepository, digest, manifest
from tests.support.judged_images import answer
from tests.support.stories import Story, without_git

OTHER = manifest("another image")
ENDED = "the build, which had begun meanwhile, was ended: nothing was pushed"
LONGEST = 60.0  # seconds that a test waits for a build to begin


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    without_git(monkeypatch)
    monkeypatch.setattr(preflight, "MOMENT_SECONDS", 0.01)


class Slow(FakeRepository):
    """Says where tags are when the build has begun, and not before."""

    story: Story

    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        assert self.story.builders.began.wait(LONGEST), "the build has not begun"
        return super().digests(tags)


def slow(folder: Path, **world: Any) -> Story:
    repository = Slow(answers=lambda image: answer("LOW"), **world)
    repository.story = Story(folder, repository)
    return repository.story


def test_it_begins_while_the_registry_is_asked_and_pushes_afterwards(tmp_path: Path) -> None:
    story = slow(tmp_path)
    found = story.run(run)
    assert (found.exit_code, story.builders.log) == (0, ["build"])
    assert story.repository.tags["latest"] == story.builders.image.digest
    assert ENDED not in story.narrator.said


def test_an_annotation_for_another_platform_than_the_builders_own_is_not_left_out_in_silence(
    tmp_path: Path,
) -> None:
    story = slow(tmp_path)
    story.run(run, annotations=("manifest[linux/arm64]:a=b", "manifest[linux/amd64]:c=d"))
    said = "an annotation is left out: a is for linux/arm64, and the build is for linux/amd64"
    assert said in story.narrator.warned and not any("c is for" in one for one in story.narrator.warned)


def test_the_timeline_shows_it_beside_the_questions(tmp_path: Path) -> None:
    found = slow(tmp_path).run(run)
    beside = [one.what for one in found.timeline if not one.waited]
    assert {"repository", "login", "scanning", "tags", "build", "manifest"} == set(beside)
    assert [one.what for one in found.timeline if one.waited] == list(found.seconds)


def test_a_part_does_likewise(tmp_path: Path) -> None:
    story = slow(tmp_path)
    assert (story.run(build_part).exit_code, story.builders.log) == (0, ["build"])


class NoLogin(Slow):
    def login(self) -> Login:
        raise AuthenticationError("AWS refused ecr:GetAuthorizationToken")


class Unreadable(Slow):
    def digests(self, tags: Sequence[Tag]) -> Mapping[Tag, Digest]:
        super().digests(tags)
        raise RegistryError("AWS refused ecr:BatchGetImage")


class Missing(Slow):
    def describe(self) -> RepositoryState | None:
        super().digests([])
        return None


REFUSALS: Mapping[str, tuple[type[Slow], dict[str, Any], int, str]] = {
    "no permission to push": (NoLogin, {}, 4, "GetAuthorizationToken"),
    "no permission to read": (Unreadable, {}, 4, "BatchGetImage"),
    "no such repository": (Missing, {}, 4, "there is no repository"),
    "version of another image": (
        Slow,
        {"tags": {"1.4.2": OTHER.digest}, "manifests": [OTHER]},
        2,
        "taken by another image: 1.4.2",
    ),
    "claimed by another image": (
        Slow,
        {
            "tags": {"claim-1.4.2": OTHER.digest},
            "manifests": [OTHER],
            "labels": {OTHER.digest: {COMMIT_LABEL: "f" * 40}},
            "state": RepositoryState(REPOSITORY, "MUTABLE_WITH_EXCLUSION", ("claim-*",)),
        },
        2,
        "claimed by another image: 1.4.2",
    ),
    "tag that cannot move": (
        Slow,
        {"tags": {"latest": OTHER.digest}, "state": RepositoryState(REPOSITORY, "IMMUTABLE")},
        2,
        "does not let these tags move: latest",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_ends_it(tmp_path: Path, name: str) -> None:
    kind, world, code, what = REFUSALS[name]
    repository = kind(**world)
    story = repository.story = Story(tmp_path, repository)
    before = dict(repository.tags)
    found = story.run(run, repository=f"{HOST}/team/app")
    assert found.failure and what in found.failure.what
    assert (found.exit_code, found.failure.phase) == (code, "registry")
    assert story.builders.log == ["build", "ended"]
    assert (repository.tags, repository.log, found.candidate) == (before, [], None)
    assert ENDED in story.narrator.said


@pytest.mark.parametrize("repository", ["team/app", f"{HOST}/team/app"])
@pytest.mark.parametrize("name", ["version of another image", "no such repository"])
def test_it_does_not_begin_where_the_first_answers_refuse(
    tmp_path: Path, name: str, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "MOMENT_SECONDS", LONGEST)
    world = {"state": None} if name == "no such repository" else REFUSALS[name][1]
    story = Story(tmp_path, FakeRepository(**world))
    assert story.run(run, repository=repository).exit_code in (2, 4)
    assert story.builders.log == []


def test_its_failure_is_the_runs(tmp_path: Path) -> None:
    story = slow(tmp_path)
    story.builders.error = BuildError("the build failed")
    found = story.run(run)
    assert (found.exit_code, found.failure and found.failure.phase) == (3, "build")
    assert found.failure and found.failure.what == "the build failed"


def test_a_repository_is_not_created_for_a_build_that_failed_before(tmp_path: Path) -> None:
    story = slow(tmp_path, state=None)
    story.builders.error = BuildError("the build failed")
    found = story.run(run, create_repository=True)
    assert (found.exit_code, found.created_repository, story.repository.state) == (3, "", None)


def test_of_two_failures_the_registrys_is_reported(tmp_path: Path) -> None:
    """As it is where the registry answers first. The build's is in the log."""
    _, world, code, what = REFUSALS["version of another image"]
    story = slow(tmp_path, **world)
    story.builders.error = BuildError("the build failed")
    found = story.run(run)
    assert (found.exit_code, found.failure and found.failure.phase) == (code, "registry")
    assert found.failure and what in found.failure.what
    assert "the build, which had begun meanwhile, failed as well: the build failed" in story.narrator.said


def test_a_failure_that_the_run_reports_is_not_reported_a_second_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No engine answers: the build that began finds out, and so does the check of the builders."""
    story = slow(tmp_path)
    story.builders.error = BuildError("no Docker engine answers", why="it is not running")

    def check(*_: Any, **__: Any) -> None:
        raise BuildError("no Docker engine answers", why="it is not running")

    monkeypatch.setattr(story.builders, "check", check)
    found = story.run(run)
    assert found.failure and found.failure.what == "no Docker engine answers"
    assert not any("failed as well" in one for one in story.narrator.said)


def test_docker_settings_that_cannot_be_read_are_reported_when_the_registry_has_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(tmp_path, FakeRepository())

    def refuse(*_: Any) -> Any:
        raise SettingsError(["config.json is not valid"])

    monkeypatch.setattr(story.builders, "logged_in", refuse)
    found = story.run(run)
    assert (found.exit_code, found.failure and found.failure.phase) == (2, "build")


def test_an_image_that_turns_out_to_be_there_ends_it(tmp_path: Path) -> None:
    story = slow(tmp_path)
    released = story.run(run)
    story.builders.began.clear()
    again = story.run(run)
    assert (again.exit_code, again.pushed and again.pushed.reused) == (0, True)
    assert again.released == released.released
    assert story.builders.log == ["build", "build", "ended"]
    assert not any(name.startswith("candidate-") for name in story.repository.tags)


def test_its_lines_come_in_its_own_phase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those from before: a CI folds the log by phase."""
    story = slow(tmp_path)
    lines: list[str] = []
    monkeypatch.setattr(story.narrator, "phase", lambda name: lines.append(f"[{name}]"))
    monkeypatch.setattr(story.narrator, "detail", lines.append)
    logged_in = story.builders.logged_in

    def telling(host: str, login: Any, narrator: Any) -> Any:
        narrator.detail("#1 building")
        return logged_in(host, login, narrator)

    monkeypatch.setattr(story.builders, "logged_in", telling)
    assert story.run(run).exit_code == 0
    assert lines[lines.index("#1 building") - 1] == "[build]"


def test_a_digest_is_what_is_compared(tmp_path: Path) -> None:
    """A floating tag of another image does not keep the build from beginning."""
    story = slow(tmp_path, tags={"latest": digest("old"), "1.4": digest("old")})
    assert (story.run(run).exit_code, story.builders.log) == (0, ["build"])
