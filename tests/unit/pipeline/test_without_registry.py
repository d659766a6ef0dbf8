"""A run for code from a fork: planned and built, with a registry that nothing may ask."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import BuildError
from ecr_push.builder.build_checks import BuildCheck
from ecr_push.pipeline.without_registry import build_here, check_dockerfile, plan_here
from tests.support.fakes import HOST, FakeRepository
from tests.support.stories import Story, without_git

OUTSIDE = "a pull request from a fork"
WHY = f"{OUTSIDE} is built and checked; it is not pushed, scanned or judged"


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
    found = story.run(partial(build_here, outside=OUTSIDE), client=registry)
    assert (found.status, found.exit_code, found.checked) == ("checked", 0, WHY)
    assert (story.builders.log, story.builders.environ) == (["check"], {"PATH": "/bin"})


def test_a_build_that_fails_is_the_result(story: Story) -> None:
    story.builders.error = BuildError("the build failed")
    registry: Any = Untouchable()
    found = story.run(partial(build_here, outside=OUTSIDE), client=registry)
    assert (found.status, found.exit_code, found.checked) == ("failed", 3, "")


CHECK = BuildCheck("JSONArgsRecommended", "JSON arguments recommended", "https://docs.docker.com/y", 5)


def test_what_docker_finds_in_a_dockerfile_is_in_the_outcome_of_a_build(story: Story) -> None:
    story.builders.checks = (CHECK,)
    registry: Any = Untouchable()
    found = story.run(partial(build_here, outside=OUTSIDE), client=registry)
    assert (found.status, found.build_checks) == ("checked", (CHECK,))


def test_a_call_checks_the_dockerfile_and_fails_for_a_finding(story: Story) -> None:
    registry: Any = Untouchable()
    found = story.run(check_dockerfile, client=registry)
    assert (found.status, found.exit_code, story.builders.log) == ("checked", 0, ["call check"])
    story.builders.checks = (CHECK,)
    found = story.run(check_dockerfile, client=registry)
    assert (found.status, found.exit_code, found.build_checks) == ("failed", 3, (CHECK,))
    assert found.failure and found.failure.why == "line 5: JSONArgsRecommended: JSON arguments recommended"


@pytest.mark.parametrize(
    ("flags", "kept", "names", "files"),
    [
        ({"push": False}, "check", None, None),
        (
            {"load": True, "extra_tags": ("shop:test", "edge", "b/c:1")},
            "keep type=docker shop:test b/c:1", ("shop:test", "b/c:1"), (),
        ),
        (
            {"load": True, "repository": f"{HOST}/team/app", "floating_tags": "none"},
            "keep type=docker team/app:sha-0123456789ab team/app:1.4.2",
            ("team/app:sha-0123456789ab", "team/app:1.4.2"), (),
        ),
        (
            {"exports": ("type=oci,dest=x.tar", "type=local,dest=out"), "repository": ""},
            "keep type=oci,dest=x.tar type=local,dest=out", (), ("x.tar", "out"),
        ),
    ],
)  # fmt: skip
def test_an_image_is_kept_on_this_machine_with_all_that_is_the_callers(
    flags: dict[str, Any], kept: str, names: object, files: object, story: Story
) -> None:
    story.environ = {"TOKEN": "x", "ACTIONS_RUNTIME_TOKEN": "y"}
    registry: Any = Untouchable()
    found = story.run(build_here, client=registry, secrets=("id=a,env=TOKEN",), cache="ecr", **flags)
    assert story.builders.log == [kept] and story.builders.environ == story.environ
    assert found.plan and found.plan.build.inputs.secrets and not found.plan.build.cache.is_used
    assert found.exit_code == 0 and found.status == ("built" if names is not None else "checked")
    if found.local:
        assert (found.local.names, found.local.files) == (names, files)
        assert (found.local.digest, found.local.platforms) == (
            story.builders.image.digest.value,
            ("linux/amd64",),
        )


def test_what_is_kept_of_code_from_outside_is_built_without_secrets(story: Story) -> None:
    story.environ = {"TOKEN": "x", "AWS_SECRET_ACCESS_KEY": "y"}
    registry: Any = Untouchable()
    given = {"secrets": ("id=a,env=TOKEN",), "load": True, "extra_tags": ("shop:test",)}
    found = story.run(partial(build_here, outside=OUTSIDE), client=registry, **given)
    assert found.local and found.plan and not found.plan.build.inputs.secrets
    assert "AWS_SECRET_ACCESS_KEY" not in story.builders.environ


def test_a_plan_builds_nothing(story: Story) -> None:
    registry: Any = Untouchable()
    found = story.run(plan_here, client=registry)
    assert (found.status, story.builders.log) == ("planned", [])
    assert found.plan and found.plan.version.text == "1.4.2"


@pytest.mark.parametrize("kind", ["ecr", "gha"])
def test_code_from_outside_has_no_build_cache(story: Story, kind: str) -> None:
    registry: Any = Untouchable()
    found = story.run(partial(build_here, outside=OUTSIDE), client=registry, cache=kind)
    assert found.plan and not found.plan.build.cache.is_used
    assert "code from outside builds without --cache" in story.narrator.said


def test_code_from_outside_has_no_image_to_test(story: Story) -> None:
    registry: Any = Untouchable()
    found = story.run(partial(build_here, outside=OUTSIDE), client=registry, tests=("false",))
    assert (found.status, found.exit_code, found.tests) == ("checked", 0, ())
    assert "code from outside is not pushed: there is no image for the tests to run on" in story.narrator.said
