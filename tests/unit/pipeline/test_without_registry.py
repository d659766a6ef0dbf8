"""A run for code from a fork: planned and built, with a registry that nothing may ask."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import BuildError
from ecr_push.builder.build_checks import BuildCheck
from ecr_push.pipeline.without_registry import build_only, check_dockerfile, plan_only
from tests.support.fakes import FakeRepository
from tests.support.stories import Story, without_git

WHY = "a pull request from a fork is built and checked"


@pytest.fixture(autouse=True)
def _without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    without_git(monkeypatch)


class Untouchable:
    """A repository that fails whatever it is asked."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the registry was asked: {name}")


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path, FakeRepository())


def test_the_build_is_checked_without_credentials(story: Story) -> None:
    story.environ = {
        "PATH": "/bin",
        "AWS_SECRET_ACCESS_KEY": "x",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "y",
        "ECRPUSH_INPUT_SECRETS": "A=z",
        "ECRPUSH_SECRET_1": "z",
    }
    registry: Any = Untouchable()
    found = story.run(partial(build_only, why=WHY), client=registry)
    assert (found.status, found.exit_code, found.checked) == ("checked", 0, WHY)
    assert (story.builders.log, story.builders.environ) == (["check"], {"PATH": "/bin"})


def test_a_build_that_fails_is_the_result(story: Story) -> None:
    story.builders.error = BuildError("the build failed")
    registry: Any = Untouchable()
    found = story.run(partial(build_only, why=WHY), client=registry)
    assert (found.status, found.exit_code, found.checked) == ("failed", 3, "")


CHECK = BuildCheck("JSONArgsRecommended", "JSON arguments recommended", "https://docs.docker.com/y", 5)


def test_what_docker_finds_in_a_dockerfile_is_in_the_outcome_of_a_build(story: Story) -> None:
    story.builders.checks = (CHECK,)
    registry: Any = Untouchable()
    found = story.run(partial(build_only, why=WHY), client=registry)
    assert (found.status, found.build_checks) == ("checked", (CHECK,))


def test_a_call_checks_the_dockerfile_and_fails_for_a_finding(story: Story) -> None:
    registry: Any = Untouchable()
    found = story.run(check_dockerfile, client=registry)
    assert (found.status, found.exit_code, story.builders.log) == ("checked", 0, ["call check"])
    story.builders.checks = (CHECK,)
    found = story.run(check_dockerfile, client=registry)
    assert (found.status, found.exit_code, found.build_checks) == ("failed", 3, (CHECK,))
    assert found.failure and found.failure.why == "line 5: JSONArgsRecommended: JSON arguments recommended"


def test_a_plan_builds_nothing(story: Story) -> None:
    registry: Any = Untouchable()
    found = story.run(plan_only, client=registry)
    assert (found.status, story.builders.log) == ("planned", [])
    assert found.plan and found.plan.version.text == "1.4.2"


@pytest.mark.parametrize("kind", ["ecr", "gha"])
def test_code_from_outside_has_no_build_cache(story: Story, kind: str) -> None:
    registry: Any = Untouchable()
    found = story.run(partial(build_only, why=WHY), client=registry, cache=kind)
    assert found.plan and not found.plan.build.cache.is_used
    assert "code from outside builds without --cache" in story.narrator.said


def test_code_from_outside_has_no_image_to_test(story: Story) -> None:
    registry: Any = Untouchable()
    found = story.run(partial(build_only, why=WHY), client=registry, tests=("false",))
    assert (found.status, found.exit_code, found.tests) == ("checked", 0, ())
    assert "code from outside is not pushed: there is no image for the tests to run on" in story.narrator.said
