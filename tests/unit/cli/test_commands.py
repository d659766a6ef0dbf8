"""Every command of the table has a file, examples that parse, a mention in the docs, and a test."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from ecr_push.cli import commands
from ecr_push.cli.commands import COMMANDS, SECTIONS
from ecr_push.cli.help import Command
from ecr_push.cli.main import cli, main
from tests.support.settings import load_settings

ROOT = Path(__file__).resolve().parents[3]
FILES = Path(commands.__file__).parent
GROUPS = {path for path in COMMANDS if any(one.startswith(f"{path} ") for one in COMMANDS)}
LEAVES = [path for path in COMMANDS if path not in GROUPS]


def find(path: str) -> Command:
    found = cli
    for word in path.split():
        found = found.commands[word]  # type: ignore[assignment]
    assert isinstance(found, Command)
    return found


def test_every_command_has_a_file_and_every_file_a_command() -> None:
    expected = {f"{path.replace(' ', '_')}.py" for path in LEAVES}
    assert {one.name for one in FILES.glob("[!_]*.py")} == expected


@pytest.mark.parametrize("path", LEAVES)
def test_every_command_has_a_test_file(path: str) -> None:
    name = path.replace(" ", "_")
    assert (Path(__file__).parent / "commands" / f"test_{name}.py").is_file()


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_is_in_the_documentation(path: str) -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    assert any(f"ecr-push {path}" in page.read_text(encoding="utf-8") for page in pages)


@pytest.mark.parametrize("path", LEAVES)
def test_every_command_has_a_help_text(path: str) -> None:
    command = find(path)
    assert command.name == path.split()[-1]
    assert command.help and command.short_help == COMMANDS[path]
    assert not [line for line in command.help.splitlines() if line.startswith("    ")], "it shows in -h"


EXAMPLES = [(path, line) for path in LEAVES for _, line in find(path).examples]


def test_every_command_has_examples() -> None:
    assert {path for path, _ in EXAMPLES} == set(LEAVES)


@pytest.mark.parametrize(("path", "line"), EXAMPLES)
def test_an_example_is_a_command_line_with_valid_settings(
    path: str, line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line.partition(" > ")[0])
    assert words[: 1 + len(path.split())] == ["ecr-push", *path.split()]
    with find(path).make_context(path, words[1 + len(path.split()) :]) as context:
        flags = {name: value for name, value in context.params.items() if value not in (None, ())}
    if path not in ("sandbox", "schema", "completion", "help", "version"):
        load_settings(flags, {}, command=path)


@pytest.mark.parametrize("path", LEAVES)
def test_help_ends_with_the_examples_and_where_to_read_on(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*path.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    _, _, end = shown.partition("\nExamples:\n")
    end, _, link = end.partition("\nDocumentation: ")
    assert link.startswith("https://") and link.endswith("#read-on\n")
    assert "\n## Read on\n" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert [line.strip() for line in end.splitlines() if not line.startswith("  #")] == [
        line for _, line in find(path).examples
    ]


def test_help_lists_the_commands_in_the_order_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-h"]) == 0
    listed = re.findall(r"^  ([a-z]+)  +[A-Z]", capsys.readouterr().out, re.M)
    assert listed == [one for one in COMMANDS if " " not in one]


def test_each_section_begins_with_a_command_and_has_its_title(capsys: pytest.CaptureFixture[str]) -> None:
    assert {*SECTIONS} <= {*COMMANDS} and next(iter(SECTIONS)) == next(iter(COMMANDS))
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for name, title in SECTIONS.items():
        assert f"\n{title}:\n  {name} " in shown


def test_help_of_a_command_with_many_options_shows_the_most_used_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", "-h"]) == 0
    short = capsys.readouterr().out
    assert main(["run", "--help"]) == 0
    long = capsys.readouterr().out
    assert len(short.splitlines()) < 60 < len(long.splitlines())
    assert "\n  --sandbox  " in short and "--shm-size" not in short and "Examples:" in short
    number = len([one for one in find("run").params if isinstance(one, click.Option)]) - 1
    assert short.endswith(f"\nAll {number} options: ecr-push run --help\n")
    assert long.index("--repository NAME") < long.index("\n  --fail-on SEV") < long.index("--shm-size")
    _, _, options = long.partition("\nMost used:\n")
    for one in find("run").params:
        if isinstance(one, click.Option):
            assert len(re.findall(rf"^  (?:-\w, )?{one.opts[0]}\b(?!-)", options, re.M)) == 1, one.opts


def test_help_of_a_command_with_few_options_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "-h"]) == 0
    short = capsys.readouterr().out
    assert main(["scan", "--help"]) == 0
    assert short == capsys.readouterr().out
