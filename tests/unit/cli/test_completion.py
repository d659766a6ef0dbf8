"""What a shell offers: commands, options, values, files and folders."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from ecr_push.cli.completion import Bash
from ecr_push.cli.main import cli


def offered(line: str) -> list[str]:
    """What is offered for the last word; `<file>` and `<dir>` where the shell looks itself."""
    *words, incomplete = line.split(" ")
    found = ShellComplete(cli, {}, "ecr-push", "_ECR_PUSH_COMPLETE").get_completions(words, incomplete)
    return [one.value if one.type == "plain" else f"<{one.type}>" for one in found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ro", ["rollback"]),
        ("policy ", ["test", "show", "exceptions"]),
        ("help pol", ["policy"]),
        ("run --fail-o", ["--fail-on"]),
        ("run --fail-on h", ["high"]),
        ("run --max-findings c", ["critical=0"]),
        ("run --progress ", ["auto", "plain", "quiet"]),
        ("run --cache ", ["none", "ecr", "gha"]),
        ("run --for l", ["lambda"]),
        ("run --region eu-west-", ["eu-west-1", "eu-west-2", "eu-west-3"]),
        ("run --platform linux/arm", ["linux/arm64", "linux/arm/v7"]),
        ("run -f Do", ["<file>"]),
        ("run --report ", ["<file>"]),
        ("run --report ht", ["html="]),
        ("run ", ["<dir>"]),
        ("run --build-arg ", []),
        ("copy a/b:1 --move n", ["never"]),
        ("render IMAGE ", ["<file>"]),
        ("gate ", ["<file>"]),
        ("prune --in-use ", ["<file>"]),
        ("sandbox --scan-type e", ["enhanced"]),
        ("sandbox --state ", ["<dir>"]),
        ("iam policy --command prom", ["promote"]),
        ("completion ", ["bash", "zsh", "fish"]),
    ],
)
def test_what_is_offered(line: str, expected: list[str]) -> None:
    assert offered(line) == expected


def test_the_severities_are_those_that_may_be_given() -> None:
    severities = ["critical", "high", "medium", "low", "informational", "untriaged", "undefined", "none"]
    assert offered("scan a/b:1 --fail-on ") == severities


def test_profiles_are_those_of_the_users_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[profile team-dev]\n[profile team-prod]\n[profile other]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "gone"))
    assert offered("run --profile team") == ["team-dev", "team-prod"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "--fail-on", "=", "h"], "high"),
        (["run", "--fail-on", "="], "critical\nhigh\nmedium\nlow\ninformational\nuntriaged\nundefined\nnone"),
        (["run", "--region", "=", "eu-west-1", "--fail-on", "l"], "low"),
    ],
)
def test_bash_divides_an_option_from_its_value(
    words: list[str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMP_WORDS", " ".join(["ecr-push", *words]))
    monkeypatch.setenv("COMP_CWORD", str(len(words)))
    found = Bash(cli, {}, "ecr-push", "_ECR_PUSH_COMPLETE").complete()
    assert found.replace("plain,", "") == expected
