"""The runner of buildspecs against what CodeBuild's documentation says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.buildspec import Build, BuildspecError, run_batch, run_build

IMAGE = {"PATH": "/usr/local/bin:/usr/bin:/bin", "FROM_IMAGE": "image"}


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def run(phases: dict[str, Any], *, project: Any = None, secrets: Any = None, **more: Any) -> Build:
        text = yaml.safe_dump({"version": 0.2, "phases": phases, **more})
        return run_build(text, tmp_path, IMAGE, project=project, secrets=secrets)

    return run


def commands(*lines: str) -> dict[str, Any]:
    return {"commands": list(lines)}


def test_folder_and_variables_go_from_command_to_command(run: Any) -> None:
    build = run(
        {
            "install": commands("mkdir sub && cd sub", "plain='two\nlines'", 'export GONE=1 KEPT="it\'s"'),
            "build": commands("unset GONE", 'echo "$(basename "$PWD") [$plain] $KEPT [$GONE] $FROM_IMAGE"'),
            "post_build": commands("env | grep -c '^plain=' || echo not exported"),
        }
    )
    assert build.succeeded
    assert "sub [two\nlines] it's [] image\n" in build.log
    assert "not exported" in build.log


def test_what_a_shell_is_set_to_does_not_go_on(run: Any) -> None:
    build = run({"build": commands("set -eu", "hello() { echo hello; }", "false; echo went on", "hello")})
    assert "went on" in build.log
    assert not build.succeeded, "the function is not there any more"


def test_a_command_that_ends_its_shell_saves_nothing(run: Any) -> None:
    build = run({"build": commands("X=1", "X=2; exit 0", 'echo "X is $X"')})
    assert build.succeeded and "X is 1\n" in build.log


def test_of_a_block_the_last_line_counts(run: Any) -> None:
    assert run({"build": commands("false\ntrue\n")}).succeeded
    assert not run({"build": commands("true\nfalse\n")}).succeeded
    assert not run({"build": commands("set -e\nfalse\ntrue\n")}).succeeded


@pytest.mark.parametrize(
    ("failing", "reaction", "expected"),
    [
        ("install", "", ["install"]),
        ("pre_build", "", ["install", "pre_build"]),
        ("build", "", ["install", "pre_build", "build", "post_build"]),
        ("build", "ABORT", ["install", "pre_build", "build"]),
        ("install", "CONTINUE", ["install", "pre_build", "build", "post_build"]),
        ("post_build", "", ["install", "pre_build", "build", "post_build"]),
    ],
)
def test_how_a_build_goes_on_after_a_failed_phase(
    run: Any, failing: str, reaction: str, expected: list[str]
) -> None:
    phases = {name: commands("true") for name in ("install", "pre_build", "build", "post_build")}
    phases[failing] = {**commands("echo begun", "exit 7", "echo never"), "finally": ["echo finally"]}
    if reaction:
        phases[failing]["on-failure"] = reaction
    build = run(phases, artifacts={"files": ["none"]})
    assert list(build.phases) == [*expected, "upload_artifacts"]
    assert "begun\n" in build.log and "\nfinally\n" in build.log and "\nnever\n" not in build.log
    assert "exit status 7" in build.log
    assert not build.succeeded


def test_post_build_sees_whether_the_build_succeeded(run: Any) -> None:
    for command, succeeding in (("true", 1), ("false", 0)):
        build = run(
            {"build": commands(command), "post_build": commands("echo [$CODEBUILD_BUILD_SUCCEEDING]")}
        )
        assert f"[{succeeding}]\n" in build.log
        assert build.phases["post_build"] == "SUCCEEDED"
        assert build.succeeded == bool(succeeding), "a build that failed stays failed"


def test_a_failure_that_is_passed_over_is_visible_in_post_build(run: Any) -> None:
    build = run(
        {
            "build": {**commands("false"), "on-failure": "CONTINUE"},
            "post_build": commands("echo [$CODEBUILD_BUILD_SUCCEEDING]"),
        }
    )
    assert "[0]\n" in build.log
    assert build.succeeded


def test_variables_of_the_buildspec_are_literal_and_the_weakest(run: Any) -> None:
    build = run(
        {"build": commands('echo "[$A] [$B] $FROM_IMAGE"')},
        env={"variables": {"A": "$PATH", "B": "spec", "FROM_IMAGE": "spec"}},
        project={"B": "project"},
    )
    assert "[$PATH] [project] spec\n" in build.log


def test_secrets_are_masked_and_never_exported(run: Any) -> None:
    build = run(
        {"build": commands('echo "token $TOKEN"', "export NAME=value AWS_X=1; unexported=1")},
        env={
            "secrets-manager": {"TOKEN": "prod/token"},
            "exported-variables": ["TOKEN", "NAME", "AWS_X", "unexported", "never_set"],
        },
        secrets={"prod/token": "s3cr3t"},
    )
    assert "token ***\n" in build.log and "s3cr3t" not in build.log
    assert build.exported == {"NAME": "value"}


def test_exported_variables_are_read_after_post_build(run: Any) -> None:
    env = {"exported-variables": ["X"]}
    phases = {"build": commands("export X=build; false"), "post_build": commands("X=post")}
    assert run(phases, env=env).exported == {"X": "post"}
    assert run({"install": commands("export X=1; false")}, env=env).exported == {"X": "1"}


def test_artifacts_and_reports_are_found_from_the_source_on(run: Any) -> None:
    build = run(
        {
            "build": commands(
                "mkdir -p a/b && cd a", "echo 1 >one.txt; echo '<x/>' >b/r.xml; echo 2 >b/two.txt"
            )
        },
        artifacts={"files": ["a/one.txt", "missing.txt", "a/b/**/*"]},
        reports={"units": {"files": ["a/**/*.xml"], "discard-paths": True}, "none": {"files": ["x"]}},
    )
    assert set(build.artifacts) == {"a/one.txt", "a/b/r.xml", "a/b/two.txt"}
    assert build.reports == {"units": ["r.xml"], "none": []}
    assert build.succeeded and "Skipping invalid file path missing.txt" in build.log


def test_artifacts_of_which_none_is_there_fail_the_build(run: Any) -> None:
    build = run({"build": commands("true")}, artifacts={"files": ["missing.txt"]})
    assert not build.succeeded and "no matching artifact paths found" in build.log


def test_a_batch_is_a_build_for_each_task(tmp_path: Path) -> None:
    spec = {
        "version": 0.2,
        "batch": {
            "build-list": [
                {"identifier": "api", "env": {"variables": {"PART": "api"}}},
                {"identifier": "web", "env": {"variables": {"PART": "web"}}},
            ]
        },
        "env": {"variables": {"PART": "none"}},
        "phases": {"build": commands('echo "[$PART $CODEBUILD_BATCH_BUILD_IDENTIFIER $CODEBUILD_BUILD_ID]"')},
    }
    builds = run_batch(yaml.safe_dump(spec), lambda: tmp_path, IMAGE, project={"OTHER": "x"})
    assert list(builds) == ["api", "web"]
    assert all(f"[{name} {name} app:" in build.log for name, build in builds.items())
    assert builds["api"].log != builds["web"].log.replace("web", "api"), "an id of its own"
    with pytest.raises(BuildspecError):
        run_batch(yaml.safe_dump(spec), lambda: tmp_path, IMAGE, project={"PART": "x"})


@pytest.mark.parametrize(
    "spec",
    [
        {"version": 0.1, "phases": {}},
        {"phases": {}, "batch": {"build-graph": []}},
        {"phases": {}, "batch": {"build-list": [{"identifier": "a-b"}]}},
        {"phases": {}, "batch": {"build-list": [{"identifier": "a"}, {"identifier": "a"}]}},
        {"phases": {"deploy": commands("true")}},
        {"phases": {"build": commands("true")}, "run-as": "user"},
        {"phases": {"build": {**commands("true"), "on-failure": "RETRY"}}},
        {"phases": {"build": {"commands": [{"echo a": "b"}]}}},  # `- echo a: b`, unquoted
        {"phases": {}, "env": {"shell": "bash"}},
        {"phases": {}, "env": {"variables": {"CODEBUILD_X": "1"}}},
        {"phases": {}, "artifacts": {"name": "x"}},
        {"phases": {}, "reports": {"x": {"files": ["x"], "file-format": "SARIF"}}},
        {"phases": {}, "reports": {str(number): {"files": ["x"]} for number in range(6)}},
    ],
)
def test_what_codebuild_would_refuse_or_we_do_not_know_is_refused(
    spec: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(BuildspecError):
        run_build(yaml.safe_dump({"version": 0.2, **spec}), tmp_path, IMAGE)
