"""`ecr-push repository plan`, where it asks nothing: tests/integration/test_repositories.py has the rest."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.commands.conftest import Console


def test_a_file_that_is_missing(console: Console) -> None:
    assert console.run("repository", "plan", "--region", "eu-west-1") == 2
    assert "ecr-repositories.yml: cannot be read: No such file or directory" in console.err


def test_all_mistakes_with_their_lines(console: Console) -> None:
    Path("team.yml").write_text("repositories:\n  team/app: {mutability: x}\n  Team: {}\n")
    assert console.run("repository", "plan", "team.yml", "--region", "eu-west-1") == 2
    assert "- team.yml, line 2: mutability: 'x' is not one of mutable, immutable" in console.err
    assert "- team.yml, line 3: 'Team' is not a valid repository name" in console.err
