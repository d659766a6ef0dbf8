"""A usage error says what to type instead."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from ecr_push.cli.commands import COMMANDS
from ecr_push.cli.main import cli, main
from ecr_push.cli.usage import _OTHER_COMMANDS, _REPOSITORY_IN, is_complete


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--region x run", "options stand after the command, as in ecr-push run --region …."),
        ("-r team/shop plan .", "options stand after the command, as in ecr-push plan -r …."),
        ("--no-deepen tags", "options stand after the command, as in ecr-push tags --no-deepen …."),
        ("deploy --region x", "options stand after the command, as in ecr-push deploy ecs --region …."),
        ("--region x", "options stand after the command, as in ecr-push run --region …."),
        ("run --file x", "it is --dockerfile here."),
        ("deploy fargate x", "use ecr-push deploy ecs: Register a task definition"),
        ("deploy team/shop:1 --service x", "before it, as in ecr-push deploy ecs team/shop:1 …."),
        ("run --platforms x", "it is --platform here."),
        ("scan team/shop:1 --severity HIGH", "it is --fail-on here."),
        ("login --account 1", "it is --registry-id here."),
        ("run --ignore-unfixed", "it is the key fixable-only of a policy: --policy FILE."),
        ("run --verbose", "--progress plain logs every line of the build."),
        ("run -o type=oci,dest=x", "it is --export here."),
        ("run -q", "it is --progress quiet."),
        ("run -v", "the version is ecr-push version."),
        ("run --context x", "the directory is an argument, as in ecr-push run services/web"),
        ("run --build_path x", "it is the argument DIR here."),
        ("run --destination x", "-r names the repository, and -t a tag"),
        ("run --fixable-only", "it is the key fixable-only of a policy: --policy FILE."),
        ("scan team/shop:1 --file x", "--dockerfile is an option of run, plan, doctor."),
        ("gate saved.json --region x", "--region is an option of run, plan, matrix."),
        ("copy -r team/shop 1.4.2", "the repository is part of IMAGE, as in ecr-push copy team/shop:1.4.2"),
        ("repository show -r a/b", "names are arguments, as in ecr-push repository show team/shop."),
        ("login -r team/shop", "one login is for all repositories of a registry"),
        ("prune team/shop", "the repository is given with -r, as in ecr-push prune -r team/shop."),
        (
            "policy test team/shop:1",
            "the repository is given with -r, as in ecr-push policy test -r team/shop.",
        ),
        ("run . team/shop", "the repository is given with -r, as in ecr-push run -r team/shop"),
        (
            "lifecycle test -r a/b keep",
            "is given with --lifecycle, as in ecr-push lifecycle test -r team/shop --lifecycle keep.",
        ),
        ("lifecycle test a/b", "the repository is given with -r, as in ecr-push lifecycle test -r a/b."),
        ("lifecycle test -r a/b --policy x", "it is --lifecycle here."),
        ("costs --lifecycle-policy x", "it is --lifecycle here."),
        ("push team/shop", "use ecr-push run: Build, push, scan"),
        ("policy frobnicate", "No such command 'frobnicate'."),
        ("run --dockerfil x", "Did you mean one of: '--dockerfile'"),
        ("run --test --dry-run", "Option '--test' requires a value, and '--dry-run' is another option."),
        ("run --ssh --label=a=b", "Option '--ssh' requires a value, and '--label' is another option."),
        ("plan -r --no-cache", "Option '--repository' requires a value, and '--no-cache' is another option."),
        ("schmea", "Did you mean"),
        ("policy test --last abc", "'abc' is not a valid number."),
        ("policy test --last 0", "0 is not in the range 1<=x<=1000."),
    ],
)
def test_a_usage_error_says_what_to_type(line: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) == 2
    assert message in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("line", "problems"),
    [
        (
            "run --fail-on hihg --file x --fial-on y --file=z -r a/b .",
            [
                "No such option '--file': it is --dockerfile here.",
                "No such option '--fial-on'. (Did you mean one of: '--allow', '--fail-on'?)",
                "--fail-on: 'hihg' is not a severity",
            ],
        ),
        (
            "deploy ecs --servce x a/b:1 --clustr y",
            ["'--servce'. Did you mean", "'--clustr'. (Did you mean one"],
        ),
        ("run -r a/b --sarif s --max-findings x", ["it is --report sarif=FILE.", "--max-findings: "]),
    ],
)
def test_all_that_is_wrong_with_the_options_is_said_at_once(
    line: str, problems: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == 2
    shown = capsys.readouterr().err.partition("Error: the command line is wrong:\n")[2]
    found = [one for one in shown.split("  - ") if one]
    assert len(found) == len(problems)
    assert all(text in one for text, one in zip(problems, found, strict=True)), found


@pytest.mark.parametrize("command", [one for one in COMMANDS if is_complete(one)])
def test_every_command_names_all_options_that_it_lacks(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command.split(), "--nope", "a", "b", "--neither=1", "c", "-Z"]) == 2
    shown = capsys.readouterr().err
    assert all(f"No such option '{one}'" in shown for one in ("--nope", "--neither", "-Z"))


def test_words_behind_two_dashes_and_values_are_not_options(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", "--nope", "--build-arg", "--no=1", "--", "--dir"]) == 2
    shown = capsys.readouterr().err
    assert "No such option '--dir'" not in shown and "No such option '--no'" not in shown


def test_the_reports_list_each_of_the_mistakes(tmp_path: Path) -> None:
    assert main(["run", "--nope", "--neither", "--result", str(tmp_path / "r.json")]) == 2
    failure = json.loads((tmp_path / "r.json").read_text())["failure"]
    assert failure["what"] == "the settings are wrong in 2 places"
    assert "- No such option '--nope'" in failure["why"] and "- No such option '--neither'" in failure["why"]


def test_a_value_that_may_be_a_secret_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--nope=hunter2", "--neither=hunter2"]) == 2
    assert "hunter2" not in capsys.readouterr().err


def test_a_usage_error_repeats_no_build_argument(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--build-arg", "TOKEN=hunter2", "run"]) == 2
    shown = capsys.readouterr().err
    assert "ecr-push run --build-arg" in shown and "hunter2" not in shown


def test_the_commands_that_the_hints_name_exist() -> None:
    assert {*_OTHER_COMMANDS.values()} <= {*COMMANDS} and not {*_OTHER_COMMANDS} & {*COMMANDS}
    assert {*_REPOSITORY_IN} <= {*COMMANDS}
    for path in _REPOSITORY_IN:
        command: click.Command = cli
        for name in path.split():
            command = command.commands[name]  # type: ignore[attr-defined]
        assert "-r" not in {option for one in command.params for option in one.opts}, path
