"""`ecr-push costs`, where it asks nothing: tests/integration/test_costs.py has the rest."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.commands.conftest import Console


def test_every_mistake_of_the_command_line_at_once(console: Console) -> None:
    words = ("Team", "--html", "nowhere/costs.html", "--region", "eu-west-1")
    assert console.run("costs", *words) == 2
    assert "- 'Team' is not the name of a repository" in console.err
    assert "- --html: there is no directory" in console.err


def test_every_mistake_of_the_files_at_once(console: Console) -> None:
    Path("prices.yml").write_text("storage: x\n")
    Path("lifecycle.txt").write_text("keep nothing at all\n")
    words = ("--prices", "prices.yml", "--lifecycle", "lifecycle.txt", "--region", "eu-west-1")
    assert console.run("costs", *words) == 2
    assert "- prices.yml, line 1: storage: 'x' is not a price" in console.err
    assert "- --lifecycle lifecycle.txt: line 1: 'keep nothing at all' is not a rule" in console.err
