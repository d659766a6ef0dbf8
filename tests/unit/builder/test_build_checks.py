"""What buildx's metadata says of a Dockerfile, as it writes it, and in odd forms."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.errors import BuildError
from ecr_push.builder.build_checks import BuildCheck, Checked
from ecr_push.builder.buildx import BuildxBuilder
from ecr_push.builder.buildx_command import bake_command, build_command, by_hand
from ecr_push.builder.buildx_metadata import of_build, of_call
from ecr_push.builder.plan import BuildPlan
from tests.support.settings import problems

URL = "https://docs.docker.com/go/dockerfile/rule/from-as-casing/"


def warning(short: str, line: object = 1) -> dict[str, Any]:
    return {
        "level": 1,
        "short": base64.b64encode(short.encode()).decode(),
        "url": URL,
        "range": [{"start": {"line": line}, "end": {"line": line}}],
    }


def test_the_warnings_of_a_build() -> None:
    found = {
        "buildx.build.warnings": [
            warning("JSONArgsRecommended: JSON arguments recommended for cmd (line 5)", 5),
            warning("FromAsCasing: 'as' and 'FROM' do not match (line 1)"),
            warning("FromAsCasing: 'as' and 'FROM' do not match (line 1)"),  # of another platform
            warning("a warning of BuildKit's own"),
        ]
    }
    assert of_build(found) == (
        BuildCheck("FromAsCasing", "'as' and 'FROM' do not match", URL, 1),
        BuildCheck("JSONArgsRecommended", "JSON arguments recommended for cmd", URL, 5),
    )


@pytest.mark.parametrize(
    "found",
    [
        *({}, [], None, "x", {"buildx.build.warnings": None}, {"buildx.build.warnings": "x"}),
        *({"buildx.build.warnings": [one]} for one in (None, 1, {}, {"short": "?"}, {"short": 1})),
        {"buildx.build.warnings": [{**warning("A: b"), "range": "x"}]},
    ],
)
def test_a_build_without_warnings_or_with_odd_ones_has_none(found: Any) -> None:
    assert of_build(found) == ()


@pytest.mark.parametrize("line", [None, "5", -1, True, [5]])
def test_an_odd_line_is_left_out(line: object) -> None:
    assert of_build({"buildx.build.warnings": [warning("A: b", line)]}) == (BuildCheck("A", "b", URL),)


CALLED = {
    "ruleName": "FromAsCasing",
    "description": "The 'as' keyword should match",
    "url": URL,
    "detail": "casing does not match",
    "location": {"ranges": [{"start": {"line": 1}, "end": {"line": 1}}]},
}
ERROR = {"message": "unknown instruction: BROKEN", "location": {"ranges": [{"start": {"line": 4}}]}}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"warnings": None, "sources": []}, Checked(())),
        ({"warnings": [CALLED]}, Checked((BuildCheck("FromAsCasing", "casing does not match", URL, 1),))),
        ({"warnings": None, "buildError": ERROR}, Checked((), "line 4: unknown instruction: BROKEN")),
        (
            {"buildError": {**ERROR, "message": "parse error on line 4"}},
            Checked((), "parse error on line 4"),
        ),
        ({"warnings": "x"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_the_answer_of_a_call(result: Any, expected: Checked | None) -> None:
    assert of_call({"result.json": result}) == expected


def test_a_call_builds_and_writes_nothing(tmp_path: Path) -> None:
    plan = BuildPlan(tmp_path, tmp_path / "Dockerfile")
    command = build_command(plan, tmp_path / "m.json", ("--call=check",))
    assert "--call=check" in command and "--call=check" in by_hand(plan, ("--call=check",))
    assert not [word for word in command if word.startswith(("--push", "--output", "--tag"))]
    assert bake_command(plan, tmp_path / "m.json", ("--call=check",))[-2:] == ("--call=check", "image")


def test_a_buildx_that_knows_no_calls_is_not_asked(tmp_path: Path) -> None:
    nothing: Any = None
    builder = BuildxBuilder("v0.14.1", {}, nothing, nothing)
    with pytest.raises(BuildError, match=r"buildx v0\.14\.1 has no build checks"):
        builder.call_check(BuildPlan(tmp_path, tmp_path / "Dockerfile"))


def test_a_call_needs_no_repository_and_a_dockerfile(tmp_path: Path) -> None:
    assert not problems(tmp_path, flags={"call": "check", "repository": None})
    (found,) = problems(tmp_path, flags={"call": "check", "repository": None, "dry_run": True})
    assert found.startswith("--repository: is required")
    (found,) = problems(tmp_path, flags={"call": "check", "image": "a:1"})
    assert found == "--call: check reads a Dockerfile, and --image has none"
    (found,) = problems(tmp_path, flags={"call": "outline"})
    assert found == "--call: 'outline' is not one of build, check"
