from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ecr_push.settings.build_inputs import build_problems
from tests.support.settings import settings
from tests.support.stories import FACTS


def found(folder: Path, environ: dict[str, str] | None = None, **values: Any) -> list[str]:
    (folder / "Dockerfile").write_text("FROM scratch\n")
    given = settings(**{"repository": "team/app", "context": str(folder), **values})
    return [*build_problems(given, FACTS, environ or {})]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({}, ""),
        ({"deploy_for": "lambda", "platforms": ("linux/amd64", "linux/arm64")}, "2 platforms make an index"),
        ({"deploy_for": "lambda", "sbom": "true"}, "with --provenance or --sbom the image becomes an index"),
        ({"deploy_for": "lambda", "parts": ("a", "b")}, "--for lambda: --part joins images to an index"),
        ({"deploy_for": "lambda", "image": "app:1", "provenance": "max"}, ""),
        (
            {"provenance": "max", "build_args": ("NPM_TOKEN=hunter2",)},
            "--provenance mode=max would show the build argument NPM_TOKEN, which looks like a secret",
        ),
        ({"provenance": "min", "build_args": ("NPM_TOKEN=hunter2",)}, ""),
        (
            {"annotations": ("manifest[linux/arm64]:a=b",), "platforms": ("linux/amd64",)},
            "--annotation: a is for linux/arm64, and the build is for linux/amd64",
        ),
        ({"annotations": ("manifest[linux/x86_64]:a=b",), "platforms": ("linux/amd64",)}, ""),
        ({"annotations": ("manifest[linux/arm64]:a=b",)}, ""),  # for the builder's own, which is not known
        ({"secrets": ("id=npm,env=NPM_TOKEN",)}, "--secret id=npm: the variable NPM_TOKEN is not set"),
        ({"secrets": ("id=npm,env=NPM_TOKEN",), "parts": ("a", "b")}, ""),
    ],
)
def test_what_shows_before_git_is_asked(tmp_path: Path, flags: dict[str, Any], said: str) -> None:
    problems = found(tmp_path, **flags)
    assert len(problems) == bool(said) and said in "".join(problems)
    assert "hunter2" not in "".join(problems)


def test_the_platform_of_the_environment_counts(tmp_path: Path) -> None:
    flags = {"annotations": ("manifest[linux/amd64]:a=b",)}
    assert not found(tmp_path, {"DOCKER_DEFAULT_PLATFORM": "linux/amd64"}, **flags)
    (problem,) = found(tmp_path, {"DOCKER_DEFAULT_PLATFORM": "linux/arm64"}, **flags)
    assert "the build is for linux/arm64" in problem
    (problem,) = found(tmp_path, {"DOCKER_DEFAULT_PLATFORM": "linux/amd64/v2/x"})
    assert problem.startswith("DOCKER_DEFAULT_PLATFORM: ")


def test_a_context_that_may_be_meant_as_the_repository_is_not_missing_too(tmp_path: Path) -> None:
    gone = str(tmp_path / "team" / "app")
    assert not [*build_problems(settings(context=gone), FACTS, {})]
    (problem,) = build_problems(settings(context=gone, repository="team/app"), FACTS, {})
    assert problem.startswith(f"there is no directory {gone}")
