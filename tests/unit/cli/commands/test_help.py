"""`ecr-push help`."""

from __future__ import annotations

import pytest

from tests.unit.cli.commands.conftest import Console


@pytest.mark.parametrize("command", ["run", "scan", "policy", "policy test"])
def test_it_shows_what_the_option_shows(console: Console, command: str) -> None:
    assert console.run(*command.split(), "--help") == 0
    shown = console.out
    assert console.run("help", *command.split()) == 0
    assert console.out == shown


def test_without_a_command(console: Console) -> None:
    assert console.run("--help") == 0
    shown = console.out
    assert console.run("help") == 0
    assert console.out == shown


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("rollbak",), "Did you mean"),
        (("policy", "tset"), "Did you mean"),
        (("run", "x"), "'ecr-push run' has no commands of its own"),
    ],
)
def test_what_is_not_a_command(console: Console, words: tuple[str, ...], message: str) -> None:
    assert console.run("help", *words) == 2
    assert message in console.err
